"""What the history keeps of one record and its parts: who changed what, when and why, field by field, and how it stood then.

Read by the history page of the admin and by `versions`, which brings an earlier state back.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .models import CONFIRMED, FieldStatus, Precision

OF_THE_ROW = {"deleted_at", "deleted_reason", "created_at", "updated_at"}
ONE_SAVE = dt.timedelta(seconds=2)
State = dict[str, Any]
Key = tuple[type[models.Model], Any]


class Part(NamedTuple):
    """Rows of `model` belong to the record by their field `link`. Those that others point to are not `removable` with it."""

    model: type[models.Model]
    link: str
    removable: bool = True


class Line(NamedTuple):
    """One field, before and after in words; `of` names the part that it is of, "" for the record itself."""

    of: str
    label: str
    old: str
    new: str


@dataclass
class Entry:
    """One row of a history: what it says of a record or a part."""

    row: Any
    key: Key
    state: State | None  # None: deleted

    @property
    def kind(self) -> str:
        return {"+": "created", "-": "deleted"}.get(self.row.history_type, "changed")


@dataclass
class Change:
    """What one person saved at once: entries of the record and of its parts. `end` is the place of its last entry."""

    entries: list[Entry]
    end: int = 0
    kind: str = "changed"
    lines: list[Line] = field(default_factory=list)

    @property
    def last(self) -> Entry:
        return self.entries[-1]

    @property
    def slug(self) -> str:
        """Names it in an address."""
        return f"{self.last.key[0]._meta.model_name}-{self.last.row.history_id}"

    @property
    def who(self) -> Any:
        return self.last.row.history_user

    @property
    def at(self) -> dt.datetime:
        return self.last.row.history_date

    @property
    def why(self) -> str:
        """As it was given; of a removal the whole reason, which an entry may be too short for."""
        removal = getattr(self.last.row, "deleted_reason", "") if self.kind == "removed" else ""
        given = {entry.row.history_change_reason: None for entry in self.entries}
        return removal or " · ".join(reason for reason in given if reason and reason != CONFIRMED)

    @property
    def what(self) -> str:
        return {
            "created": _("created"),
            "changed": _("changed"),
            "removed": _("moved to the bin"),
            "restored": _("taken out of the bin"),
            "deleted": _("deleted"),
        }[self.kind]


def kept_fields(model: Any) -> list[models.Field]:
    """The columns that a version consists of: neither keys nor computed ones nor the moments of the row itself."""
    tracked = {one.name for one in model.history.model.tracked_fields}
    left_out = OF_THE_ROW | set(getattr(model, "derived_fields", ()))
    return [one for one in model._meta.concrete_fields if not one.primary_key and one.name in tracked - left_out]


def kept_relations(model: Any) -> list[models.ManyToManyField]:
    return [model._meta.get_field(one.name) for one in model.history.model._history_m2m_fields]


def state_of(obj: models.Model) -> State:
    """How a row stands now, in the form in which its history is read."""
    state = {one.name: getattr(obj, one.attname) for one in kept_fields(type(obj))}
    for relation in kept_relations(type(obj)):
        state[relation.name] = tuple(sorted(getattr(obj, relation.name).values_list("pk", flat=True)))
    return state


def states_of(rows: list[Any], model: Any) -> Iterator[State]:
    """Of rows of one history, by one query for each many-to-many relation."""
    tied: dict[str, dict[int, list[Any]]] = {}
    for relation in kept_relations(model):
        other = f"{relation.m2m_reverse_field_name()}_id"
        kept = getattr(model.history.model, relation.name).model
        found: dict[int, list[Any]] = {}
        for row, key in kept._base_manager.filter(history__in=[one.pk for one in rows]).values_list("history_id", other):
            found.setdefault(row, []).append(key)
        tied[relation.name] = found
    names = [(one.name, one.attname) for one in kept_fields(model)]
    for row in rows:
        state = {name: getattr(row, attname) for name, attname in names}
        yield state | {name: tuple(sorted(found.get(row.pk, ()))) for name, found in tied.items()}


class Past:
    """The history of the record with key `pk` and of its parts, oldest first in `entries`."""

    def __init__(self, model: Any, pk: Any, parts: Iterable[Part] = ()) -> None:
        self.model, self.pk, self.parts = model, pk, tuple(part for part in parts if hasattr(part.model, "history"))
        self.entries: list[Entry] = []
        for place, (each, link) in enumerate([(model, model._meta.pk.name), *((part.model, part.link) for part in self.parts)]):
            rows = list(each.history.filter(**{link: pk}).select_related("history_user").order_by("history_id"))
            for row, state in zip(rows, states_of(rows, each), strict=True):
                row.order = (row.history_date, place, row.history_id)
                self.entries.append(Entry(row, (each, row.instance.pk), None if row.history_type == "-" else state))
        self.entries.sort(key=lambda entry: entry.row.order)

    def states_at(self, end: int) -> dict[Key, State | None]:
        """How the record and each part stood after the entry at that place."""
        return {entry.key: entry.state for entry in self.entries[: end + 1]}

    def changes(self) -> list[Change]:
        """Newest first, each with its lines in words."""
        grouped = list(self._grouped())
        known: dict[Key, State | None] = {}
        was_removed = False
        told: list[tuple[Change, list[tuple[Key, State | None, State | None]]]] = []
        for change in grouped:
            before = {entry.key: known.get(entry.key) for entry in change.entries}
            known.update({entry.key: entry.state for entry in change.entries})
            was_removed = self._name_kind(change, was_removed)
            told.append((change, [(key, old, known[key]) for key, old in before.items()]))
        read = ((key[0], state) for _change, pairs in told for key, *states in pairs for state in states)
        words = Words(read, self.parts)
        for change, pairs in told:
            told_of = (words.lines(key, *states, is_part=key[0] is not self.model) for key, *states in pairs)
            change.lines = list(itertools.chain.from_iterable(told_of))
        return grouped[::-1]

    def _grouped(self) -> Iterator[Change]:
        """A form writes a row for itself, one for each relation and one for each part: told as one change."""
        current: Change | None = None
        columns: dict[Key, State] = {}
        latest: dict[Key, State] = {}
        in_bin = False
        for place, entry in enumerate(self.entries):
            plain = {name: value for name, value in (entry.state or {}).items() if not isinstance(value, tuple)}
            moved = entry.state is None or latest.get(entry.key, plain) != plain
            turns = entry.key[0] is self.model and is_in_bin(entry.row) != in_bin
            if current and (turns or is_apart(current.last.row, entry.row) or (entry.key in columns and moved)):
                yield current
                current, columns = None, {}
            current = current or Change([])
            current.entries.append(entry)
            current.end = place
            if moved or entry.key not in latest:
                columns[entry.key] = plain
            latest[entry.key] = plain
            in_bin = in_bin != turns
        if current:
            yield current

    def _name_kind(self, change: Change, was_removed: bool) -> bool:
        """Say what kind of change it is; whether the record is in the bin after it."""
        own = [entry for entry in change.entries if entry.key[0] is self.model]
        if not own:
            return was_removed
        removed = is_in_bin(own[-1].row)
        if own[0].kind == "created" or own[-1].kind == "deleted":
            change.kind = own[0].kind if own[-1].kind != "deleted" else "deleted"
        elif removed != was_removed:
            change.kind = "removed" if removed else "restored"
        return removed


def is_apart(first: Any, second: Any) -> bool:
    """Whether two rows that follow each other were written by two acts."""
    return first.history_user_id != second.history_user_id or second.history_date - first.history_date > ONE_SAVE


def is_in_bin(row: Any) -> bool:
    return getattr(row, "deleted_at", None) is not None


class Words:
    """Values of states in words; the names of all rows that they point to are read at once."""

    def __init__(
        self, states: Iterable[tuple[Any, State | None]], parts: Iterable[Part], made: dict[Any, set[Any]] | None = None
    ) -> None:
        """`made`: keys of rows, by model, that have not stood yet when they are told of, so that their numbers are not final."""
        self.links = {part.model: part.link for part in parts}
        self.made = made or {}
        wanted: dict[Any, set[Any]] = {}
        for model, state in states:
            for name, value in (state or {}).items():
                meta = model._meta.get_field(name)
                if meta.is_relation and value is not None:
                    wanted.setdefault(meta.related_model, set()).update(value if isinstance(value, tuple) else [value])
        rows = {model: model._base_manager.in_bulk(list(keys)) for model, keys in wanted.items()}
        self.names = {model: {key: str(one) for key, one in found.items()} for model, found in rows.items()}

    def lines(self, key: Key, old: State | None, new: State | None, *, is_part: bool) -> list[Line]:
        """What differs between two states of one row; of a part that came or went, the row as a whole."""
        model: Any = key[0]
        of = str(capfirst(model._meta.verbose_name)) if is_part else ""
        if old is None and new is None:
            return []
        if is_part and (old is None or new is None):
            return [Line(of, of, self.whole(model, old), self.whole(model, new))]
        names = [name for name in (new or old or {}) if (old or {}).get(name) != (new or {}).get(name)]
        lines = []
        for name in names:
            meta = model._meta.get_field(name)
            first, second = ((state or {}).get(name) for state in (old, new))
            if isinstance(first or second, dict):
                first, second = _differing(first or {}, second or {})
            before, after = self.text(model, meta, first), self.text(model, meta, second)
            if before == after and meta.is_relation:  # another row of the same name
                before, after = (self.text(model, meta, value, is_numbered=True) for value in (first, second))
            if is_told(meta) and before != after:
                lines.append(Line(of, str(capfirst(meta.verbose_name)), before, after))
        return lines

    def whole(self, model: Any, state: State | None) -> str:
        """A part as one text: its values that are given, but for what it is a part of and where in the order it stands."""
        texts = []
        for name, value in (state or {}).items():
            meta = model._meta.get_field(name)
            is_left_out = name in ("position", self.links[model]) or isinstance(value, dict) or not is_told(meta)
            if value not in (None, "", (), []) and not is_left_out:
                texts.append(self.text(model, meta, value))
        return " · ".join(dict.fromkeys(texts)) or "–"

    def text(self, model: Any, meta: Any, value: Any, *, is_numbered: bool = False) -> str:
        if value is None or value in ("", (), [], {}):
            return "–"
        if meta.is_relation:
            known = self.names.get(meta.related_model, {})
            keys = value if isinstance(value, tuple) else (value,)
            names = {key: known.get(key, _("no longer there (%(key)s)") % {"key": key}) for key in keys}
            if is_numbered:
                new = self.made.get(meta.related_model, set())
                told = _("%(name)s (new)")
                names = {key: told % {"name": name} if key in new else f"{name} #{key}" for key, name in names.items()}
            return _(", ").join(names.values())
        if isinstance(value, dict):
            return (
                _(", ").join(f"{capfirst(_label(model, name))}: {_sureness(code)}" for name, code in value.items() if code) or "–"
            )
        return plain_text(value if isinstance(value, list) else dict(meta.flatchoices).get(value, value))


def is_told(meta: Any) -> bool:
    return meta.editable or meta.name in ("field_status", "confirmed_on", "week_on")


def plain_text(value: Any) -> str:
    """A value without a relation in words: local moments, ISO days."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dt.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    return str(value)


def _differing(old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return tuple({name: state.get(name) for name in names} for state in (old, new))  # type: ignore[return-value]


def _label(model: Any, name: str) -> str:
    known = {one.name: one.verbose_name for one in [*model._meta.fields, *model._meta.many_to_many]}
    return str(known.get(name, name))


def _sureness(code: str) -> str:
    known = dict(FieldStatus.choices) | dict(Precision.choices)
    return str(known.get(code, code))
