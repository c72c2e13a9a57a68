"""Rows read → statements: the one that a row repeats is found and compared, a new one is made and checked by the model's rules.

Natural key (contract): body and certificate number where both are given, else company, type, products and date.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from certifications.conflicts import hides_body
from certifications.models import Product, VerificationStatement

from .companies import Companies, Given, Known
from .findings import Findings, State
from .rows import RowRead
from .staging import Keys, Links, Stage, create, fill, index, one_of, selected
from .words import folded

LINES = "stage_line"  # the row of each staged statement
Place = tuple[int | None, str, str]
NOWHERE: Place = (None, "", "")


@dataclass(slots=True)
class Light:
    """What tells one statement from another: of a stored one (`line` 0) or of an earlier row of this sheet.

    `rest` is the hash of company, type, date and products: many are kept. `place` is where on which list: programme, tier
    and batch, each "" or None where it is not said.
    """

    line: int
    rest: int
    number: str
    body: int | None
    end: dt.date | None
    place: Place = NOWHERE
    signature: int = 0

    def may_be(self, other: Light) -> bool:
        """The same but for number, body, period and place on a list, and of these nothing that both say contradicts."""
        return self.rest == other.rest and self.agrees(other)

    def agrees(self, other: Light) -> bool:
        mine, theirs = ((one.number, one.body, one.end, *one.place) for one in (self, other))
        return not any(a and b and a != b for a, b in zip(mine, theirs, strict=True))


class Statements:
    """Takes rows in chunks. `template` is an unsaved statement with what every row of this import shares."""

    def __init__(
        self, template: VerificationStatement, companies: Companies, findings: Findings, *, updates: bool, is_reserved: bool
    ) -> None:
        self._companies, self._findings, self._updates = companies, findings, updates
        self.new = Stage(VerificationStatement, "stage_statement")
        self.changed = Stage(VerificationStatement, "stage_statement_changed")
        self.new_products = Stage(Product, "stage_product")
        meta = VerificationStatement._meta
        self.products = Links(meta.get_field("products"), "stage_statement_product")
        self.standards = Links(meta.get_field("standards"), "stage_statement_standard")
        create(LINES, ["id"], self.new.table, ", 0 AS line")
        index(self.new_products.name, "company_id")
        self._lines: list[tuple[int, int]] = []
        self.changed_fields: set[str] = set()
        self.seen: dict[int, dt.datetime] = {}
        # Not by keys of statements: another import reserves its own long before it writes them.
        self.newest_entry = VerificationStatement.history.aggregate(last=models.Max("history_id"))["last"] or 0
        self.disagreeing: list[tuple[int, str, Any]] = []
        self._keys, self._product_keys = (Keys(m, is_reserved=is_reserved) for m in (VerificationStatement, Product))
        names = [each.attname for each in meta.concrete_fields]
        self._blank = [getattr(template, name) for name in names]
        self.source = template.source_note
        self._product_by_name: dict[tuple[int, str], int] = {}
        self._by_number: dict[tuple[int, str], Light] = {}
        self._by_rest: dict[int, tuple[Light, ...]] = {}
        self._changed_by: dict[int, tuple[int, int]] = {}

    def take(self, rows: Sequence[RowRead]) -> None:
        """Stage what these rows bring. Of rows with errors nothing is staged but the finding."""
        consultants = (Given(row.consultant) for row in rows if row.consultant)
        self._companies.look_up([*(row.company for row in rows), *consultants])
        good = [(row, company) for row in rows if not row.errors and (company := self._company_of(row))]
        stored = self._stored(good)
        self._look_up_products(good)
        for row, company in good:
            if not row.errors:
                self._take(row, company, stored)
        for row in rows:
            self._findings.add_errors(row)
        fill(LINES, ["id", "line"], self._lines)
        self._lines = []

    def _company_of(self, row: RowRead) -> Known | None:
        try:
            company = self._companies.take(row.company)
            if row.consultant:
                row.values["consultant_id"] = self._companies.take(Given(row.consultant)).key
        except ValidationError as error:
            row.refuse("company", error)
            return None
        if row.company.name and folded(row.company.name) != folded(company.name):
            words = _("Taken for “%(name)s”, which has this code or this further name.")
            self._findings.add_note(row, "company", words % {"name": company.name})
        return company

    def _stored(self, good: Iterable[tuple[RowRead, Known]]) -> Stored:
        numbers, companies = set(), set()
        for row, company in good:
            if row.number_key and row.body:
                numbers.add(row.number_key)
            else:
                companies.add(company.key)
        return Stored(numbers, companies)

    def _look_up_products(self, good: Iterable[tuple[RowRead, Known]]) -> None:
        """Read what the database and the rows taken so far have of these products; what was read before is forgotten."""
        self.new_products.flush()
        asked = {(company.key, folded(name)) for row, company in good for name in row.products or ()}
        companies, names = {key for key, _name in asked}, {name for _key, name in asked}
        found = selected(self.new_products, ("id", "company_id", "name_folded"), company_id=companies, name_folded=names)
        self._product_by_name = {(company, name): key for key, company, name in sorted(found, reverse=True)}

    def _take(self, row: RowRead, company: Known, stored: Stored) -> None:
        end = row.values.get("period_end")
        day = row.values.get("issued_on") or row.values.get("announced_on") or end
        products = frozenset(map(folded, row.products or ()))
        rest = hash((company.key, row.kind.pk, day, products))  # type: ignore[union-attr]
        mine = Light(row.number, rest, row.number_key, row.body, end, place_of(row.values), row.signature)
        if earlier := self._earlier(mine):
            self._take_repeated(row, earlier.line, earlier.signature, earlier.number)
            return
        try:
            known = stored.find(row, mine) or (None if day else stored.removed(row, company, mine))
        except ValidationError as error:
            row.refuse("removed_on", error)
            return
        if known:
            self._take_known(row, company, known, stored)
        else:
            self._take_new(row, company, mine)

    def _earlier(self, mine: Light) -> Light | None:
        """The earlier row of this sheet that speaks of the same new statement."""
        if mine.number and mine.body:
            return self._by_number.get((mine.body, mine.number))
        found = [one for one in self._by_rest.get(mine.rest, ()) if one.may_be(mine)]
        return next((one for one in found if one.signature == mine.signature), found[0] if len(found) == 1 else None)

    def _take_repeated(self, row: RowRead, line: int, signature: int, number: str) -> None:
        if signature == row.signature:
            self._findings.add(row, State.SAME, _("The same as row %(row)s.") % {"row": line})
            return
        words = _("Row %(row)s speaks of the same statement, but says something else.")
        row.errors.append(("certificate_number" if number else "company", words % {"row": line}))

    def _take_known(self, row: RowRead, company: Known, known: VerificationStatement, stored: Stored) -> None:
        if known.company_id != company.key:
            words = _("This number belongs to a statement of another company (record %(id)s).")
            row.errors.append(("certificate_number", words % {"id": known.pk}))
            return
        differing = self._differing(row, known, stored)
        if not differing:
            self._findings.add(row, State.SAME, record=known.pk)
            return
        if known.pk in self._changed_by:
            self._take_repeated(row, *self._changed_by[known.pk], known.certificate_key)
            return
        tied = {"products": stored.products[known.pk], "standards": stored.standards[known.pk]}
        before = {name: tied[name] if name in tied else getattr(known, name) for name in differing}
        if self._updates:
            self._change(row, company, known, differing)
        else:
            held = [name for name in differing if before[name] or (name == "verification_body_id" and hides_body(known))]
            self.disagreeing += [(known.pk, name, differing[name]) for name in held]
        if not row.errors:
            self._changed_by[known.pk] = (row.number, row.signature)
            self._findings.add_change(row, known.pk, before, differing)

    def _differing(self, row: RowRead, known: VerificationStatement, stored: Stored) -> dict[str, Any]:
        """What the row gives and the record has otherwise. An empty cell says nothing; nor does 未披露 of a named body."""
        given = dict(row.values)
        if row.kind is not None:
            given["statement_type_id"] = row.kind.pk
        if row.body:
            given |= {"verification_body_id": row.body}
        differing = {name: value for name, value in given.items() if getattr(known, name) != value}
        if row.products and frozenset(map(folded, row.products)) != stored.products[known.pk]:
            differing["products"] = row.products
        if row.standards and row.standards != stored.standards[known.pk]:
            differing["standards"] = row.standards
        return differing

    def _change(self, row: RowRead, company: Known, known: VerificationStatement, differing: dict[str, Any]) -> None:
        columns = {name: value for name, value in differing.items() if name not in ("products", "standards")}
        for name, value in columns.items():
            setattr(known, name, value)
        if row.body:
            known.is_body_undisclosed = False
        if row.programme:
            known.programme = row.programme
        known.statement_type = row.kind
        seen, known.updated_at = known.updated_at, self._blank[UPDATED_AT]
        if not self._finish(row, company, known):
            return
        self.seen[known.pk] = seen
        self.changed_fields |= {*columns, *VerificationStatement.derived_fields, "is_body_undisclosed", "updated_at"}
        self.changed.add(known)
        self._lines.append((known.pk, row.number))
        self._tie(row, company, known.pk, differing)

    def _take_new(self, row: RowRead, company: Known, mine: Light) -> None:
        made = VerificationStatement(*self._blank)
        for name, value in row.values.items():
            setattr(made, name, value)
        made.statement_type, made.programme = row.kind, row.programme
        made.company_id, made.verification_body_id = company.key, row.body
        made.is_body_undisclosed = row.body is None and not made.is_list_membership
        if not self._finish(row, company, made):
            return
        made.pk = next(self._keys)
        self.new.add(made)
        self._lines.append((made.pk, row.number))
        self._tie(row, company, made.pk, {"products": row.products or [], "standards": row.standards or ()})
        if mine.number and mine.body:
            self._by_number[mine.body, mine.number] = mine
        self._by_rest[mine.rest] = (*self._by_rest.get(mine.rest, ()), mine)
        self._findings.add_new(row, made.statement_type_id, company.name)

    def _finish(self, row: RowRead, company: Known, statement: VerificationStatement) -> bool:
        """Derived columns and the model's own rules; those that the database keeps follow for all rows at once."""
        statement.derive()
        statement.take_region(company.region)
        try:
            statement.clean()
        except ValidationError as error:
            row.refuse("", error)
        return not row.errors

    def _tie(self, row: RowRead, company: Known, pk: int, given: dict[str, Any]) -> None:
        self.products.add(pk, dict.fromkeys(self._product(company, name) for name in given.get("products", ())))
        self.standards.add(pk, given.get("standards", ()))

    def _product(self, company: Known, name: str) -> int:
        key = (company.key, folded(name))
        if key not in self._product_by_name:
            made = Product(company_id=company.key, name=name)
            made.derive()
            made.pk = next(self._product_keys)
            self.new_products.add(made)
            self._product_by_name[key] = made.pk
        return self._product_by_name[key]

    def finish(self) -> None:
        for stage in (self.new, self.changed, self.new_products, self.products, self.standards):
            stage.flush()


class Stored:
    """The statements in the database that a chunk of rows may repeat."""

    def __init__(self, numbers: set[str], companies: set[int]) -> None:
        self._by_number: dict[tuple[int | None, str], VerificationStatement] = {}
        rows = VerificationStatement.objects.all()
        for statement in rows.numbered(one_of(numbers)):
            self._by_number[statement.verification_body_id, statement.certificate_key] = statement
        of_companies = list(rows.filter(company__in=one_of(companies)).order_by("pk").prefetch_related("programme"))
        keys = [statement.pk for statement in (*self._by_number.values(), *of_companies)]
        self.products = self._tied("products", keys, "product__name_folded")
        self.standards = self._tied("standards", keys, "standard")
        self._by_rest: dict[int, list[VerificationStatement]] = defaultdict(list)
        self._memberships: dict[tuple[int, int], list[VerificationStatement]] = defaultdict(list)
        for statement in of_companies:
            self._by_rest[self._light(statement).rest].append(statement)
            if statement.programme_id:
                self._memberships[statement.company_id, statement.programme_id].append(statement)

    @staticmethod
    def _tied(name: str, keys: Iterable[int], path: str) -> dict[int, frozenset[Any]]:
        through: Any = VerificationStatement._meta.get_field(name).remote_field.through  # type: ignore[union-attr]
        found: dict[int, set[Any]] = defaultdict(set)
        rows = through.objects.filter(verificationstatement__in=one_of(keys))
        for key, value in rows.values_list("verificationstatement", path):
            found[key].add(value)
        return defaultdict(frozenset, {key: frozenset(values) for key, values in found.items()})

    def find(self, row: RowRead, mine: Light) -> VerificationStatement | None:
        """The stored statement that this row repeats. Where several may be it, the row is none of them, but looks like them."""
        if mine.number and mine.body:
            return self._by_number.get((mine.body, mine.number))
        found = [one for one in self._by_rest.get(mine.rest, ()) if self._light(one).may_be(mine)]
        if len(found) > 1:
            found = [one for one in found if all(getattr(one, name) == value for name, value in row.values.items())][:1]
        return found[0] if found else None

    def removed(self, row: RowRead, company: Known, mine: Light) -> VerificationStatement | None:
        """The membership that a row without any date speaks of when it says that the company was taken off its list.

        Raises ValidationError where several may be it.
        """
        gone = row.values.get("removed_on")
        if not gone or row.programme is None:
            return None
        theirs = self._memberships[company.key, row.programme.pk]
        found = [one for one in theirs if one.removed_on in (None, gone) and self._light(one).agrees(mine)]
        if len(found) > 1:
            raise ValidationError(_("Several memberships may be the one that ended: give the level, the batch or the year."))
        return found[0] if found else None

    def _light(self, one: VerificationStatement) -> Light:
        day = one.issued_on or one.announced_on or one.period_end
        rest = hash((one.company_id, one.statement_type_id, day, self.products[one.pk]))
        place = place_of({"programme_id": one.programme_id, "tier": one.tier, "batch": one.batch})
        return Light(0, rest, one.certificate_key, one.verification_body_id, one.period_end, place)


def place_of(values: Mapping[str, Any]) -> Place:
    place = (values.get("programme_id"), values.get("tier", ""), values.get("batch", ""))
    return place if any(place) else NOWHERE  # one for the many rows of no list


UPDATED_AT = [each.attname for each in VerificationStatement._meta.concrete_fields].index("updated_at")
