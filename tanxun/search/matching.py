"""A question as conditions of a query over records: `Found` says which they are, `Rank` which come first."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.expressions import Expression, F

from .engines import engine_of, table_of
from .question import Group

EXACT, OPENS, REST = 0, 1, 2


class _OfIndex(Expression):
    """An expression that asks the index table of `model` about the record in hand."""

    def __init__(self, model: type[models.Model], output_field: models.Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.model, self.key = model, F("pk")

    def get_source_expressions(self) -> list[Any]:
        return [self.key]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.key,) = exprs


class Found(_OfIndex):
    """Whether the index entry of the record is hit by every group.

    Of a rare thing all `keys` are known. Of something common some are, which say that there are many; the first rows in an
    order are then found by walking the order and probing each record; many in no order (counts, exports) by collecting the
    keys. Those hit by a group `without` are not meant; its needles are all sure. Of what else shall not be there (`is_wanted`
    False) each of few rows is probed, in whatever order.
    """

    def __init__(
        self,
        model: type[models.Model],
        groups: tuple[Group, ...],
        keys: tuple[int, ...] = (),
        *,
        without: tuple[Group, ...] = (),
        is_common: bool = True,
        is_wanted: bool = True,
    ) -> None:
        super().__init__(model, models.BooleanField())
        self.groups, self.keys, self.without = groups, keys, without
        self.is_common, self.is_wanted = is_common, is_wanted

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        engine, table, query = engine_of(connection), table_of(self.model), compiler.query
        key, own = compiler.compile(self.key)
        if not self.is_common or (self.is_wanted and getattr(query, "is_sampled_search", False)):
            return f"{key} IN ({', '.join(map(str, self.keys or (-1,)))})", tuple(own)
        is_ordered = bool(query.order_by or (query.default_ordering and query.get_meta().ordering))
        if query.is_sliced and (is_ordered or not self.is_wanted):
            sql, params = engine.probe(table, key, self.groups, self.without)
            return f"EXISTS ({sql})", (*own, *params)
        condition, params = engine.condition(table, self.groups, self.without)
        return f"{key} IN (SELECT {engine.key} FROM {table} WHERE {condition})", (*own, *params)  # noqa: S608


class Rank(_OfIndex):
    """0 where a name of the record equals `name` (folded, without blanks), 1 where one opens with it, else 2."""

    def __init__(self, model: type[models.Model], name: str) -> None:
        super().__init__(model, models.IntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        engine, table = engine_of(connection), table_of(self.model)
        key, own = compiler.compile(self.key)
        whole, opening = (f"WHEN {engine.contains}(names, %s) > 0 THEN {rank}" for rank in (EXACT, OPENS))
        case = f"CASE {whole} {opening} ELSE {REST} END"
        sql = f"(SELECT {case} FROM {table} WHERE {table}.{engine.key} = {key})"  # noqa: S608 - our own names
        return sql, (f"\n{self.name}\n", f"\n{self.name}", *own)
