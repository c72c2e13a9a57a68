"""The door of search: `IndexedQuerySet.search(text)`, which lists, choices, exports and the search page all ask.

The same querysets note what they write for the index (`watch`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, TypeVar

from django.db import connections, models, transaction

from . import watch
from .engines import engine_of, table_of
from .matching import Found, Rank
from .question import Group, Question, parse, surely, understand
from .texts import vocabularies
from .tokens import Needle, row_needle, row_word

M = TypeVar("M", bound=models.Model)
COUNTED = 2_000  # a list of what is searched for counts its rows to here
COMMON = COUNTED + COUNTED // 5


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
        rows, sure = self, tuple[Group, ...]()
        if question.wanted:
            # What whole words say is left out by the index itself.
            sure = tuple(group for group in question.unwanted if all(needle.is_sure for needle in group))
            keys = some_keys(self.model, question.wanted, sure, self.db)
            is_common = len(keys) > COMMON
            rows = rows.filter(Found(self.model, question.wanted, keys, without=sure, is_common=is_common))
            rows.query.is_common_search = is_common  # type: ignore[attr-defined]
            if not is_common:
                rows = rows.order_by(Rank(self.model, question.name), *current_order(self))
        for group in set(question.unwanted).difference(sure):
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


def sample(rows: models.QuerySet[Any]) -> models.QuerySet[Any] | None:
    """Of rows found by something common, those among the COMMON entries known to be hit: enough to see that there are many.

    None where the search, if any, is for something rare.
    """
    if not getattr(rows.query, "is_common_search", False):
        return None
    few = rows.all()
    few.query.is_sampled_search = True  # type: ignore[attr-defined]
    return few


def counted(rows: models.QuerySet[Any]) -> int:
    """How many rows there are, counted to one more than COUNTED."""
    for some in (sample(rows), rows):
        count = 0 if some is None else some.order_by()[: COUNTED + 1].count()
        if count > COUNTED:
            break
    return count


def current_order(rows: models.QuerySet[Any]) -> tuple[Any, ...]:
    return tuple(rows.query.order_by or rows.model._meta.ordering or ("pk",))


def some_keys(model: type[models.Model], groups: tuple[Group, ...], without: tuple[Group, ...], using: str) -> tuple[int, ...]:
    """The keys of the entries that every group hits and none `without`: all of them, or of COMMON + 1 where there are more."""
    connection, table = connections[using], table_of(model)
    engine, sure = engine_of(connection), surely(groups)
    # What whole words say first: for those no text is read.
    tries = [(sure or groups, part) for part in engine.parts] + [(groups, "")] * (bool(sure) and sure != groups)
    keys: tuple[int, ...] = ()
    with connection.cursor() as cursor:
        for asked, part in tries:
            condition, params = engine.condition(table, asked, without)
            cursor.execute(f"SELECT {engine.key} FROM {table} WHERE {condition}{part} LIMIT {COMMON + 1}", params)  # noqa: S608
            keys = tuple(row[0] for row in cursor.fetchall())
            if len(keys) > COMMON:
                break
    return keys


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
