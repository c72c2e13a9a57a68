"""The door of search: `IndexedQuerySet.search(text)`, which lists, choices, exports and the search page all ask.

The same querysets note what they write for the index (`watch`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, NamedTuple, TypeVar

from django.db import connections, models, transaction

from . import watch
from .engines import engine_of, table_of
from .matching import Found, Rank
from .question import Group, Question, parse, surely, understand
from .texts import vocabularies
from .tokens import Needle, row_needle, row_word

M = TypeVar("M", bound=models.Model)
COMMON = 2_000
ABUNDANT = 12_000


class IndexedQuerySet(models.QuerySet[M]):
    """A queryset that answers `search(text)` by what its model declares as `search_texts`, and marks what it changes."""

    def search(self, text: str) -> IndexedQuerySet[M]:
        """Rows hit by every term of `text`: words, "phrases", -excluded. Raises ValidationError for what cannot be asked.

        Where they are few, those whose name equals or opens with it come first; then, and where they are many, the order holds.
        """
        terms = parse(text)
        if not terms:
            return self
        question = meaning(understand(terms), self.model, self.db)
        rows = self
        if question.wanted:
            keys, is_abundant = frequency(self.model, question.wanted, self.db)
            rows = rows.filter(Found(self.model, question.wanted, keys))
            rows.query.is_abundant_search = is_abundant  # type: ignore[attr-defined]
            if keys is not None:
                rows = rows.order_by(Rank(self.model, question.name), *current_order(self))
        for group in question.unwanted:
            rows = rows.filter(~models.Q(Found(self.model, (group,), is_wanted=False)))
        return rows

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        if kwargs.get("ignore_conflicts") and watch.is_watched(self.model):
            raise ValueError("Rows that may have been left out cannot be indexed: ask first which are missing.")
        with transaction.atomic(using=self.db, savepoint=False):
            made = super().bulk_create(objs, *args, **kwargs)
            watch.created(self.model, made, self.db)
        return made

    bulk_create.alters_data = True  # type: ignore[attr-defined]

    def update(self, **kwargs: Any) -> int:
        with transaction.atomic(using=self.db, savepoint=False), watch.updating(self, kwargs):
            return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]


def sample(rows: models.QuerySet[Any], size: int) -> models.QuerySet[Any] | None:
    """Of rows found by something common, those among the first `size` that the index names: enough to see that there are many.

    None where the search, if any, is not for something of which there are more than ABUNDANT.
    """
    if not getattr(rows.query, "is_abundant_search", False):
        return None
    few = rows.all()
    few.query.search_sample = size  # type: ignore[attr-defined]
    return few


def current_order(rows: models.QuerySet[Any]) -> tuple[Any, ...]:
    return tuple(rows.query.order_by or rows.model._meta.ordering or ("pk",))


class Frequency(NamedTuple):
    """How common a thing is: the `keys` of all entries that are hit, or None of more than COMMON; whether surely of many more."""

    keys: tuple[int, ...] | None
    is_abundant: bool = False


def frequency(model: type[models.Model], groups: tuple[Group, ...], using: str) -> Frequency:
    """How common entries are that every group hits. One query, where it is neither rare nor sure to be common a second."""
    connection, table = connections[using], table_of(model)
    engine = engine_of(connection)
    many = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {engine.match(table)} LIMIT {ABUNDANT + 1}) AS counted"  # noqa: S608
    with connection.cursor() as cursor:

        def is_abundant(groups: tuple[Group, ...]) -> bool:
            cursor.execute(many, [engine.asked(groups)])
            return bool(cursor.fetchone()[0] > ABUNDANT)

        sure = surely(groups)
        if sure and is_abundant(sure):  # by whole words alone: no text is read
            return Frequency(None, is_abundant=True)
        condition, params = engine.condition(table, groups)
        cursor.execute(f"SELECT {engine.key} FROM {table} WHERE {condition} LIMIT {COMMON + 1}", params)  # noqa: S608
        keys = tuple(row[0] for row in cursor.fetchall())
        return Frequency(keys) if len(keys) <= COMMON else Frequency(None, is_abundant(groups))


def meaning(question: Question, model: type[models.Model], using: str) -> Question:
    """`question` with the rows of the model's vocabularies that its terms mean: one query for all."""
    groups = list(dict.fromkeys((*question.wanted, *question.unwanted)))
    if not vocabularies(model):
        return question
    connection, selects, params = connections[using], [], []
    for (number, group), vocabulary in product(enumerate(groups), vocabularies(model)):
        engine, table = engine_of(connection), table_of(vocabulary)
        condition, asked = engine.condition(table, (group,))
        name = vocabulary._meta.model_name
        selects.append(f"SELECT {number}, '{name}', {engine.key} FROM {table} WHERE {condition}")  # noqa: S608 - our own names
        params += asked
    rows: dict[Group, tuple[Needle, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(selects), params)
        for number, name, key in cursor.fetchall():
            group = groups[number]
            rows[group] = (*rows.get(group, ()), row_needle(row_word(name, key)))
    return question.with_rows(rows)
