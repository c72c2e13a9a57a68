"""A place between two rows of an ordered list, as a signed text for the address; what lies beyond it. Called by `paging`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Expression, F, Field, Model, Q, Value
from django.utils.translation import gettext as _

from tanxun.search.matching import REST

SEPARATOR = "."
MAX_LENGTH = 4_000


class Term(NamedTuple):
    """One term of an order: an ORM path or an expression, and whether it falls."""

    source: Any
    falls: bool
    field: Field[Any, Any]

    @property
    def is_path(self) -> bool:
        return isinstance(self.source, str)

    @property
    def expression(self) -> Any:
        return F(self.source) if self.is_path else self.source


class Cursor(NamedTuple):
    """Between which rows: those after the row with these `values`, or before it (`is_back`); no values: before the end.

    `row` numbers the page that lies there: its first row counted from 1, or (negative) its last row counted from the end.
    """

    values: tuple[Any, ...]
    is_back: bool
    row: int

    def unranked(self) -> Cursor | None:
        """The same place by all values but the first, a rank; None among those that rank, which now stand anywhere.

        Who walks on from it misses nothing and meets what ranks again; `row` counts those still.
        """
        if self.values and self.values[0] < REST:
            return None
        return self._replace(values=self.values[1:])


END = Cursor((), True, -1)


class Order:
    """The terms of `ordering` over `model`. `scope` says which list it is: a cursor of one is none of another.

    `names` are what a row's place is read by; those `computed` must be annotated.
    """

    def __init__(self, model: type[Model], ordering: Sequence[Any], scope: str) -> None:
        self.ordering, self.terms = tuple(ordering), tuple(_term(model, one) for one in ordering)
        self.names = [term.source if term.is_path else f"place_{number}" for number, term in enumerate(self.terms)]
        self.computed = {name: term.source for name, term in zip(self.names, self.terms, strict=True) if not term.is_path}
        words = ",".join(f"{'-' * term.falls}{name}" for name, term in zip(self.names, self.terms, strict=True))
        self.signer = signing.Signer(sep=SEPARATOR, salt=f"tanxun.listing.cursor/{scope}/{words}")

    def text(self, cursor: Cursor) -> str:
        """What stands in the address."""
        values = [value if isinstance(value, int | str) else str(value) for value in cursor.values]
        return self.signer.sign_object([values, int(cursor.is_back), cursor.row], compress=True)

    def read(self, text: str) -> Cursor:
        """Raises ValidationError for whatever `text` did not make, for this list in this order."""
        try:
            if len(text) > MAX_LENGTH:
                raise signing.BadSignature
            values, is_back, row = self.signer.unsign_object(text)
            fields = [term.field for term in self.terms][: len(values)]
            parsed = tuple(field.to_python(value) for field, value in zip(fields, values, strict=True))
        except (signing.BadSignature, UnicodeError):
            raise ValidationError(_("This is no place in the list as it is sorted now.")) from None
        return Cursor(parsed, bool(is_back), row)

    def made(self, text: str) -> bool:
        """Whether `text` is a place of this list in this order."""
        try:
            self.read(text)
        except ValidationError:
            return False
        return True

    def beyond(self, cursor: Cursor) -> Q:
        """The rows that lie there."""
        if not cursor.values:
            return Q()
        places = list(zip(self.terms, cursor.values, strict=True))
        condition = _beyond([list(run) for _falls, run in groupby(places, key=lambda place: place[0].falls)], cursor.is_back)
        lead, value = places[0]
        if lead.is_path and "__" in lead.source:
            # Of two tables: only the lead is in an index, which it enters here.
            condition &= Q(**{f"{lead.source}__{'lte' if lead.falls != cursor.is_back else 'gte'}": value})
        return condition


class Compared(Expression):
    """(a, b) < (x, y): a comparison of rows, which both databases answer by an index that holds a and b in this order."""

    conditional = True

    def __init__(self, places: Sequence[tuple[Term, Any]], operator: str) -> None:
        super().__init__(output_field=BooleanField())
        self.operator = operator
        self.sides = [
            *(term.expression for term, _value in places),
            *(Value(value, output_field=term.field) for term, value in places),
        ]

    def get_source_expressions(self) -> list[Any]:
        return self.sides

    def set_source_expressions(self, exprs: Any) -> None:
        self.sides = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        made = [compiler.compile(side) for side in self.sides]
        own, given = made[: len(made) // 2], made[len(made) // 2 :]
        sides = [", ".join(sql for sql, _params in side) for side in (own, given)]
        return f"({sides[0]}) {self.operator} ({sides[1]})", tuple(param for _sql, params in made for param in params)


def _beyond(runs: list[list[tuple[Term, Any]]], is_back: bool) -> Q:
    """Beyond the first run of terms that go one way; or equal in it, and beyond the others."""
    run, *others = runs
    condition = Q(Compared(run, "<" if run[0][0].falls != is_back else ">"))
    return condition | (Q(Compared(run, "=")) & _beyond(others, is_back)) if others else condition


def _term(model: type[Model], one: Any) -> Term:
    if not isinstance(one, str):
        return Term(one, False, one.output_field)
    *_earlier, field = fields_of(model, one.lstrip("-"))
    return Term(one.lstrip("-"), one.startswith("-"), getattr(field, "target_field", field))


def fields_of(model: type[Model], path: str) -> Iterator[Any]:
    """The fields that an ORM path goes through. Raises FieldDoesNotExist where a step is no stored column."""
    for step in path.split("__"):
        field: Any = model._meta.pk if step == "pk" else model._meta.get_field(step)
        yield field
        model = field.related_model or model
