"""What an import found, row by row: how many are new, the same, changed, doubtful or wrong, and why. For pages and report."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.models import Company, Programme, Standard, StatementType, VerificationBody, VerificationStatement
from policies.models import IssuingBody

from .heads import BY_NAME

if TYPE_CHECKING:
    from .rows import RowRead

MOST_KEPT = 20_000


class State(models.TextChoices):
    """What becomes of a row."""

    NEW = "new", gettext_lazy("new")
    SAME = "same", gettext_lazy("unchanged")
    CHANGED = "changed", gettext_lazy("changed")
    DOUBTFUL = "doubtful", gettext_lazy("new, doubtful")
    WRONG = "wrong", gettext_lazy("with errors")


@dataclass(slots=True)
class Finding:
    """One line of the report. `field` is a name of `heads.FIELDS`, "" for the whole row."""

    row: int
    state: str
    field: str
    words: str
    company: str
    record: int | None = None


@dataclass
class Findings:
    """Counts of rows by state, and the lines to show: all that a person should look at, up to MOST_KEPT."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[Finding] = field(default_factory=list)
    left_out: int = 0
    sums: Any = field(default_factory=hashlib.sha256)  # of all that is found, in whatever language it is told
    _pointed: dict[tuple[str, Any], Any] = field(default_factory=dict)

    def add(self, row: RowRead, state: State, words: str = "", record: int | None = None) -> None:
        self.counts[state.value] += 1
        self._sum(row.number, state, record)
        if words:
            self._keep(Finding(row.number, state.value, "", words, row.company.name, record))

    def add_new(self, row: RowRead, kind: int, company: str) -> None:
        """A statement to be made of all that the row says: its `kind`, and what else, of the company of that name."""
        self.counts[State.NEW.value] += 1
        pointers = {"statement_type_id": kind, "verification_body_id": row.body, "standards": row.standards}
        values = [(name, self._plain(name, value)) for name, value in (pointers | row.values).items()]
        self._sum(row.number, State.NEW, company, row.company, row.products, values)

    def add_note(self, row: RowRead, name: str, words: str) -> None:
        self._keep(Finding(row.number, "", name, words, row.company.name))

    def add_errors(self, row: RowRead) -> None:
        if row.errors:
            self.counts[State.WRONG.value] += 1
            self._sum(row.number, State.WRONG, [name for name, _words in row.errors])
        for name, words in row.errors:
            self._keep(Finding(row.number, State.WRONG.value, SHEET_NAMES.get(name, name), words, row.company.name))

    def add_change(self, row: RowRead, record: int, before: dict[str, Any], after: dict[str, Any]) -> None:
        """A known record that the row says something else of: each difference in words."""
        self.counts[State.CHANGED.value] += 1
        for name, value in after.items():
            self._sum(row.number, name, record, self._plain(name, before[name]), self._plain(name, value))
            words = f"{in_words(name, before[name])} → {in_words(name, value)}"
            self._keep(Finding(row.number, State.CHANGED.value, SHEET_NAMES.get(name, name), words, row.company.name, record))

    def add_doubtful(self, row: int, company: str, record: int) -> None:
        self.counts[State.NEW.value] -= 1
        self.counts[State.DOUBTFUL.value] += 1
        self._sum(row, State.DOUBTFUL, record)
        words = _("Same company, type and body within 120 days as record %(id)s.") % {"id": record}
        self._keep(Finding(row, State.DOUBTFUL.value, "", words, company, record))

    def refuse_staged(self, row: int, state: State, words: str) -> None:
        """A row that was staged, and is refused by a rule of the database."""
        self.counts[state.value] -= 1
        self.counts[State.WRONG.value] += 1
        self._sum(row, State.WRONG)
        self._keep(Finding(row, State.WRONG.value, "", words, ""))

    def _sum(self, *found: Any) -> None:
        self.sums.update(repr(found).encode())

    def _plain(self, name: str, value: Any) -> Any:
        """A value in no language; what is new has no number yet."""
        if name not in POINTERS or value is None:
            return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)
        if (name, value) not in self._pointed:
            keys = value if isinstance(value, frozenset) else {value}
            known = sorted(POINTERS[name]._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
            self._pointed[name, value] = known, len(keys)
        return self._pointed[name, value]

    def _keep(self, line: Finding) -> None:
        if len(self.lines) < MOST_KEPT:
            self.lines.append(line)
        else:
            self.left_out += 1


# Columns of the statement under the name that the sheet has for them.
SHEET_NAMES = {
    "statement_type_id": "statement_type",
    "verification_body_id": "verification_body",
    "consultant_id": "consultant",
    "programme_id": "programme",
    "recognised_by_id": "recognised_by",
    "standards": "standard",
    "source_note": "source",
    "name": "company",
}


POINTERS: dict[str, type[models.Model]] = {
    "statement_type_id": StatementType,
    "verification_body_id": VerificationBody,
    "consultant_id": Company,
    "programme_id": Programme,
    "recognised_by_id": IssuingBody,
    "standards": Standard,
}


def label_of(name: str) -> str:
    return str(BY_NAME[name].label) if name in BY_NAME else ""


def in_words(name: str, value: Any) -> str:
    """A value of a statement for a person, in short."""
    if value is None or value in ("", [], frozenset()):
        return "–"
    if name in POINTERS:
        found = POINTERS[name]._base_manager.filter(pk__in=value if isinstance(value, frozenset) else [value])
        return _(", ").join(map(str, found)) or _("a new one")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return _(", ").join(str(each) for each in value)[:200]
    choices = dict(getattr(VerificationStatement._meta.get_field(name), "flatchoices", ()) or ())
    return str(choices.get(value, value))[:200]
