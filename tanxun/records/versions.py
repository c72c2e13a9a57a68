"""Bringing an earlier version of a record back: as a new version through its own rules, never by rewriting its history.

Asked by the history page of the admin (`admin.past`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from .models import LONGEST_REASON, DerivedModel, standing_on_removed
from .past import Change, Key, Line, Past, State, Words, kept_relations, state_of


@dataclass
class Return:
    """What it takes to let `record` stand as it did after `change`: for each row how it stands and how it is to stand."""

    record: Any
    past: Past
    change: Change
    now: dict[Key, State | None] = field(default_factory=dict)
    then: dict[Key, State | None] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Reads how the record stands. Parts whose beginning the history does not know are left alone."""
        states = self.past.states_at(self.change.end)
        first = {entry.key: entry.kind for entry in reversed(self.past.entries)}
        self.now[type(self.record), self.record.pk] = state_of(self.record)
        for part in self.past.parts:
            for row in part.model._base_manager.filter(**{part.link: self.record.pk}):
                key = (part.model, row.pk)
                if states.get(key) or (part.removable and first.get(key) == "created"):
                    self.now[key] = state_of(row)
        self.then = {key: states.get(key) for key in {**self.now, **states} if key in self.now or states.get(key)}
        for part in self.past.parts:
            missing = [key[1] for key in self.then if key[0] is part.model and key not in self.now]
            for row in part.model._base_manager.filter(pk__in=missing):  # given to another record since, where it stays
                del self.then[part.model, row.pk]
                self.left.append(f"{capfirst(part.model._meta.verbose_name)}: {row}")

    @property
    def own(self) -> Key:
        return type(self.record), self.record.pk

    def changed(self) -> list[Key]:
        return [key for key in self.then if self.now.get(key) != self.then[key]]

    def lines(self) -> list[Line]:
        """What would change, in words: as it is now, as it would be."""
        keys = self.changed()
        words = Words(((key[0], states.get(key)) for key in keys for states in (self.now, self.then)), self.past.parts)
        return [line for key in keys for line in words.lines(key, self.now.get(key), self.then[key], is_part=key != self.own)]

    def write(self, reason: str) -> list[str]:
        """Write the new version; what could not be brought back, because it is no longer there, in words.

        Raises ValidationError, and then nothing is written.
        """
        try:
            with transaction.atomic():
                keys = sorted(self.changed(), key=self._order)
                for key in keys:
                    self._write_row(key, reason[:LONGEST_REASON])
        except (IntegrityError, models.ProtectedError):
            raise ValidationError(_("Another record has taken its number or name, or points to one of its parts.")) from None
        return self.left

    def _order(self, key: Key) -> int:
        """What goes makes room for what comes; the record stands before its parts do."""
        if self.then[key] is None:
            return 0
        if key == self.own:
            return 1
        return 2 if self.now.get(key) is not None else 3

    def _write_row(self, key: Key, reason: str) -> None:
        model, pk = key
        wanted, stands = self.then[key], self.now.get(key)
        row: Any = self.record if key == self.own else model._base_manager.filter(pk=pk).first() if stands else model(pk=pk)  # type: ignore[misc]
        row._change_reason = reason
        if wanted is None:
            row.delete()
            return
        relations = {relation.name for relation in kept_relations(model)}
        columns = {name: value for name, value in wanted.items() if name not in relations}
        for name, value in columns.items():
            setattr(row, model._meta.get_field(name).attname, value)  # type: ignore[union-attr]
        if stands is None or any(stands[name] != value for name, value in columns.items()):
            self._check(row)
            row.save(force_insert=stands is None)
        for name in relations:
            if stands is None or stands[name] != wanted[name]:
                getattr(row, name).set(self._still_there(model, name, wanted[name]))

    def _check(self, row: Any) -> None:
        """Its own rules, told with the names of the fields; and nothing may point to what is in the bin."""
        if isinstance(row, DerivedModel):
            row.derive_all([row])
        try:
            row.full_clean()
        except ValidationError as error:
            raise ValidationError(list(_told(row, error))) from None
        except models.ObjectDoesNotExist as error:
            raise ValidationError(str(error)) from None
        if reasons := standing_on_removed([row]):
            raise ValidationError(list(reasons.values()))

    def _still_there(self, model: Any, name: str, keys: tuple[Any, ...]) -> list[Any]:
        other = model._meta.get_field(name).related_model
        known = set(other._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
        if gone := [key for key in keys if key not in known]:
            label = str(model._meta.get_field(name).verbose_name)
            self.left.append(f"{label}: {_(', ').join(map(str, gone))}")
        return sorted(known)


def _told(row: Any, error: ValidationError) -> Iterator[str]:
    for name, problems in error.error_dict.items() if hasattr(error, "error_dict") else [("", [error])]:
        known = {one.name: str(one.verbose_name) for one in row._meta.fields}
        for problem in problems:
            yield from (f"{known[name]}: {message}" if name in known else message for message in problem.messages)
