"""What a record is found by: declared beside the model as `search_texts`, read here for many records at once.

A model may also lend a text to the record it points to (`search_lends`), so that a lower package need not know a higher one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.db import models

from .fold import bare, fold, syllables
from .tokens import row_word, words_of

Model = type[models.Model]


def joined(*columns: str | None) -> str:
    return " ".join(filter(None, columns))


class Text:
    """A text that finds a record: `columns` of the row, or rows, at the end of `relation` ("" for the record itself).

    `words` makes one text of the columns. `is_name`: found by pinyin too, and first when it equals or opens with what is asked.
    `is_number`: found in any spelling.
    """

    def __init__(
        self,
        relation: str,
        *columns: str,
        words: Callable[..., str] = joined,
        is_name: bool = False,
        is_number: bool = False,
    ) -> None:
        self.relation, self.columns, self.words = relation, columns, words
        self.is_name, self.is_number = is_name, is_number

    def lent_by(self, relation: str) -> Text:
        """The same text from the side of the record that it is lent to."""
        return Text(relation, *self.columns, words=self.words, is_name=self.is_name, is_number=self.is_number)

    def paths(self) -> list[str]:
        return [f"{self.relation}__{column}" if self.relation else column for column in self.columns]


class Word(Text):
    """A row of a vocabulary that a record points to: the question is put to the vocabulary, so that a renamed row
    changes no entry of the records.
    """

    def __init__(self, relation: str) -> None:
        super().__init__(relation, "pk")


@dataclass(frozen=True)
class Printed:
    """The texts of one record: names, numbers, others; and the words of the vocabulary rows it points to."""

    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)

    def add(self, text: Text, model_name: str, values: tuple[Any, ...]) -> None:
        if isinstance(text, Word):
            if values[0] is not None:
                self.rows.append(row_word(model_name, values[0]))
        elif any(value not in (None, "") for value in values):
            kept = self.names if text.is_name else self.numbers if text.is_number else self.others
            kept.append(text.words(*values))


@dataclass(frozen=True)
class Entry:
    """A record as the index keeps it: `names` and `text` hold folded lines without blanks, each between line ends."""

    key: int
    names: str
    text: str
    tokens: frozenset[str]


@cache
def searched_models() -> tuple[Model, ...]:
    """Every model that declares what it is found by."""
    return tuple(model for model in apps.get_models() if hasattr(model, "search_texts") and not model._meta.auto_created)


@cache
def texts_of(model: Model) -> tuple[Text, ...]:
    """The texts that `model` declares, and those that others lend to it."""
    lent = []
    for lender in apps.get_models():
        for name, text in getattr(lender, "search_lends", {}).items():
            key: Any = lender._meta.get_field(name)
            if key.related_model is model:
                lent.append(text.lent_by(key.related_query_name()))
    return (*getattr(model, "search_texts", ()), *lent)


@cache
def vocabularies(model: Model) -> tuple[Model, ...]:
    """The vocabularies that `model` is also found by."""
    return tuple(dict.fromkeys(target(model, text.relation) for text in texts_of(model) if isinstance(text, Word)))


def target(model: Model, relation: str) -> Model:
    """The model at the end of a relation path."""
    for step in filter(None, relation.split("__")):
        related: Any = model._meta.get_field(step).related_model
        model = related
    return model


def leads_to_many(model: Model, relation: str) -> bool:
    """Whether a step of the path leads from one row to several."""
    for step in filter(None, relation.split("__")):
        hop: Any = model._meta.get_field(step)
        if hop.one_to_many or hop.many_to_many:
            return True
        model = hop.related_model
    return False


def printed(model: Model, keys: Iterable[int], using: str) -> dict[int, Printed]:
    """The texts of the records with these keys, also of deleted ones in the bin: one query, and one for each to-many relation."""
    rows = model._base_manager.using(using).filter(pk__in=list(keys))
    found: dict[int, Printed] = {}
    for relation, texts in _asked_together(model).items():
        paths = [path for text in texts for path in text.paths()]
        order = ("pk", f"{relation}__pk") if relation else ("pk",)
        for key, *values in rows.order_by(*order).values_list("pk", *paths):
            record, start = found.setdefault(key, Printed()), 0
            for text in texts:
                end = start + len(text.columns)
                record.add(text, _model_name(model, text.relation), tuple(values[start:end]))
                start = end
    return found


@cache
def _asked_together(model: Model) -> dict[str, list[Text]]:
    """Texts by the query that reads them: "" for all that are one to a record, first."""
    asked: dict[str, list[Text]] = {"": []}
    for text in texts_of(model):
        asked.setdefault(text.relation if leads_to_many(model, text.relation) else "", []).append(text)
    return asked


@cache
def _model_name(model: Model, relation: str) -> str:
    return str(target(model, relation)._meta.model_name)


def entries(model: Model, keys: Iterable[int], using: str) -> list[Entry]:
    """What the index should hold for the records with these keys; none for those that are gone."""
    return [entry(key, record) for key, record in printed(model, keys, using).items()]


def entry(key: int, record: Printed) -> Entry:
    names = [line for name in record.names for line in name_lines(name)]
    others = [line for text in record.others for line in map(fold, text.splitlines())]
    others += [line for number in record.numbers for line in (fold(number), bare(number))]
    lines = dict.fromkeys(line for line in (*names, *others) if line)
    words = frozenset(words_of(lines).union(record.rows))
    return Entry(key, _block(names), _block([*others, *record.rows]), words)


@lru_cache(maxsize=131_072)
def name_lines(name: str) -> tuple[str, ...]:
    """A name folded, its syllables and its initials."""
    folded = fold(name)
    spoken, initials = syllables(name)
    return tuple(dict.fromkeys((folded, " ".join(spoken), " ".join(initials))))


def _block(lines: Iterable[str]) -> str:
    kept = dict.fromkeys(filter(None, (line.replace(" ", "") for line in lines)))
    return "\n".join(("", *kept, "")) if kept else ""
