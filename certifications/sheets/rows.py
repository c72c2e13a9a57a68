"""A row of cells → what it says, field by field, each checked by the model's own field. Errors are kept beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from certifications.models import ListStage, Programme, StatementType, Tier, VerificationStatement
from certifications.models.companies import clean_credit_code
from certifications.models.memberships import PRINTED_STAGES, PRINTED_TIERS
from tanxun.search.fold import number_key

from . import cells
from .companies import Given
from .words import Words

Assurance, Boundary, Engagement = (getattr(VerificationStatement, name) for name in ("Assurance", "Boundary", "Engagement"))
URL = ("http://", "https://")
# Texts that come again and again are read once.
REPEATED = frozenset(
    [
        *("issued_on", "announced_on", "valid_until", "removed_on"),
        *("period_start", "period_end", "period_year", "categories", "scopes"),
        *("assurance_level", "engagement", "system_boundary", "declared_unit", "scheme", "tier", "batch", "list_stage"),
    ]
)
MOST_REMEMBERED = 50_000


@dataclass(slots=True)
class RowRead:
    """What a row says; `number` is its own, `number_key` the certificate's as it is compared.

    `values` are columns of the statement, only those that the row gives.
    """

    number: int
    signature: int
    number_key: str = ""
    company: Given = field(default_factory=lambda: Given(""))
    consultant: str = ""
    kind: StatementType | None = None
    programme: Programme | None = None
    body: int | None = None
    is_body_given: bool = False
    products: list[str] | None = None
    standards: frozenset[int] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, name: str, error: ValidationError) -> None:
        """Note an error, beside its own fields where it names any."""
        if hasattr(error, "error_dict"):
            self.errors += [(key, text) for key, found in error.message_dict.items() for text in found]
        else:
            self.errors += [(name, text) for text in error.messages]


class RowReader:
    """`read(row)` for the columns [(index, field)] of one sheet."""

    def __init__(self, columns: Sequence[tuple[int, str]], words: Words, *, counts_from_1904: bool = False) -> None:
        self._columns = sorted(columns, key=lambda column: column[1] == "period_year")  # it gives way to what is more exact
        self._words = words
        day = cells.day_unless_1904 if counts_from_1904 else cells.day
        text: Callable[[str], Any] = str
        self._parsers: dict[str, Callable[[str], Any]] = {
            **dict.fromkeys(("issued_on", "announced_on", "valid_until", "removed_on", "period_start", "period_end"), day),
            **dict.fromkeys(("certificate_number", "declared_unit", "result_as_printed", "scheme", "summary"), text),
            **dict.fromkeys(("batch", "source_url", "source_note"), text),
            "tier": Words.choice(Tier, PRINTED_TIERS),
            "list_stage": Words.choice(ListStage, PRINTED_STAGES),
            "emissions_tco2e": cells.tonnes,
            "footprint_kgco2e": cells.kilograms,
            "categories": cells.numbers_to(6),
            "scopes": cells.numbers_to(3),
            "assurance_level": Words.choice(Assurance),
            "engagement": Words.choice(Engagement),
            "system_boundary": Words.choice(Boundary),
        }
        fields = VerificationStatement._meta
        self._checks: dict[str, Any] = {name: fields.get_field(name).clean for name in self._parsers}  # type: ignore[union-attr]
        self._special: dict[str, Callable[[RowRead, str], None]] = {
            "company": lambda row, text: setattr(row.company, "name", text),
            "credit_code": lambda row, text: setattr(row.company, "code", clean_credit_code(text)),
            "short_name": lambda row, text: setattr(row.company, "short", text),
            "region": lambda row, text: self._set_region(row, text, wins=False),
            "region_code": lambda row, text: self._set_region(row, text, wins=True),
            "industry": lambda row, text: setattr(row.company, "industry", words.ask("industry", text)),
            "statement_type": lambda row, text: setattr(row, "kind", words.ask("statement_type", text)),
            "verification_body": self._set_body,
            "programme": self._set_programme,
            "recognised_by": self._set_recogniser,
            "products": self._set_products,
            "standard": lambda row, text: setattr(row, "standards", words.ask("standards", text)),
            "period_year": self._set_period,
            "consultant": lambda row, text: setattr(row, "consultant", text),
            "source": lambda row, text: self._set(row, "source_url" if text.lower().startswith(URL) else "source_note", text),
        }
        self._remembered: dict[tuple[str, str], Any] = {}

    def read(self, row: Sequence[Any]) -> RowRead:
        """`row` is `[number, cell, cell …]`."""
        found = RowRead(row[0], hash(tuple(row[1:])))
        width = len(row) - 1
        for index, name in self._columns:
            cell = row[index + 1] if index < width else None
            if cell is None or cell == "":
                continue
            try:
                if text := cells.text_of(cell):
                    special = self._special.get(name)
                    special(found, text) if special else self._set(found, name, text)
            except ValidationError as error:
                found.refuse(name, error)
        self._complete(found)
        return found

    def _set(self, row: RowRead, name: str, text: str) -> None:
        if name not in REPEATED:
            row.values[name] = self._checks[name](self._parsers[name](text), None)
            return
        key = (name, text)
        if key not in self._remembered:
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = self._checks[name](self._parsers[name](text), None)
        row.values[name] = self._remembered[key]

    def _set_region(self, row: RowRead, text: str, *, wins: bool) -> None:
        code = self._words.ask("region", text)
        row.company.region = code if wins else row.company.region or code

    def _set_programme(self, row: RowRead, text: str) -> None:
        row.programme = self._words.ask("programme", text)
        row.values["programme_id"] = row.programme.pk

    def _set_recogniser(self, row: RowRead, text: str) -> None:
        row.values["recognised_by_id"] = self._words.ask("recognised_by", text)

    def _set_body(self, row: RowRead, text: str) -> None:
        if recogniser := self._words.ask("recogniser", text):
            if "recognised_by_id" not in row.values:  # a column of its own has the last word
                self._set_recogniser(row, recogniser)
            return
        row.body, row.is_body_given = self._words.ask("verification_body", text), True

    def _set_products(self, row: RowRead, text: str) -> None:
        row.products = cells.several(text)
        if any(len(name) > 200 for name in row.products):
            raise ValidationError(_("The name of a product has at most 200 characters."))

    def _set_period(self, row: RowRead, text: str) -> None:
        key = ("period_year", text)
        if key not in self._remembered:
            self._remembered[key] = cells.period(text)
        ends: tuple[dt.date, dt.date] = self._remembered[key]
        for name, day in zip(("period_start", "period_end"), ends, strict=True):
            if row.values.setdefault(name, day) != day:
                raise ValidationError(_("The year and the period are not the same."))

    def _complete(self, row: RowRead) -> None:
        """The number as it is compared, the type that a programme says, and what every row must have."""
        if row.kind is None and row.programme and not any(name == "statement_type" for name, _e in row.errors):
            row.kind = row.programme.statement_type
        if number := row.values.get("certificate_number"):
            row.number_key = number_key(number)[:80]
        if (
            not row.company.name
            and not row.company.code
            and not any(name in ("company", "credit_code") for name, _e in row.errors)
        ):
            row.errors.append(("company", _("No company is named.")))
        if row.kind is None and not any(name in ("statement_type", "programme") for name, _e in row.errors):
            row.errors.append(("statement_type", _("No type is given.")))
