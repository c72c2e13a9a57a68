"""Which company a row means: by credit code, by exactly the name, by the name but for signs and endings. Never a guess.

A credit code decides: two codes are two companies, whatever their names. A name that several bear is an error that says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from certifications.forms import LEGAL_ENDING
from certifications.models import Company, CompanyName
from certifications.models.companies import credit_code_error
from tanxun.search.fold import bare

from .staging import Keys, Stage, index, selected
from .words import folded, matched

LOOKED_UP = ("credit_code", "name_folded", "match_key")
COLUMNS = ("id", "name", "region_id", "industry_id", "deleted_at", *LOOKED_UP)


@dataclass(slots=True)
class Known:
    """A company that stands in the database or is about to. `bare` is its name without signs, legal ending and all."""

    key: int
    name: str
    bare: str
    code: str | None
    region: str | None
    industry: str | None
    is_deleted: bool = False


@dataclass(slots=True)
class Given:
    """What a row says of its company."""

    name: str
    code: str = ""
    short: str = ""
    region: str | None = None
    industry: str | None = None


class Companies:
    """Finds companies, stages new ones, and what the sheet adds to known ones: code, region, industry where they have none."""

    def __init__(self, template: Company, *, is_reserved: bool) -> None:
        self._template = template
        self.new = Stage(Company, "stage_company")
        self.filled = Stage(Company, "stage_company_filled")
        self.names = Stage(CompanyName, "stage_company_name")
        self._keys, self._name_keys = (Keys(model, is_reserved=is_reserved) for model in (Company, CompanyName))
        for stage, columns in ((self.new, ("id", *LOOKED_UP)), (self.names, ("match_key", "name_folded"))):
            for column in columns:
                index(stage.name, column)
        self._changed: dict[int, Known] = {}
        self._changed_codes: dict[str, Known] = {}
        self._forget()

    def _forget(self) -> None:
        self._by_code: dict[str, Known | None] = {}
        self._by_name: dict[str, dict[int, Known]] = {}
        self._alike: dict[str, dict[int, tuple[Known, set[str]]]] = {}
        self._known: dict[int, Known] = {}
        self._short: set[tuple[int, str]] = set()

    def look_up(self, given: Iterable[Given]) -> None:
        """Read what the database and the rows taken so far know of these, in few queries; what was read before is forgotten."""
        asked = list(given)
        self._forget()
        for stage in (self.new, self.names):
            stage.flush()
        self._by_code = dict.fromkeys(each.code for each in asked if each.code)
        self._by_name = {folded(each.name): {} for each in asked if each.name}
        self._alike = {matched(each.name): {} for each in asked if each.name}
        for column, values in zip(LOOKED_UP, (self._by_code, self._by_name, self._alike), strict=True):
            for row in selected(self.new, COLUMNS, **{column: values}):
                self._keep(row)
        self._by_code |= {code: self._changed_codes[code] for code in self._by_code.keys() & self._changed_codes.keys()}
        further = list(selected(self.names, ("match_key", "name", "company_id"), match_key=self._alike))
        for row in selected(self.new, COLUMNS, id={key for _m, _n, key in further} - self._known.keys()):
            self._seen(row)
        for key, name, company in further:
            if not self._known[company].is_deleted:
                self._add_alike(key, self._known[company], name)
        shorts = {folded(each.short) for each in asked if each.short}
        self._short = set(selected(self.names, ("company_id", "name_folded"), name_folded=shorts))

    def _keep(self, row: tuple[Any, ...]) -> None:
        """A company under all that it was asked by: one way to find it is as good as another."""
        if row[0] in self._known:
            return
        company, code, name, key = self._seen(row), *row[-3:]
        if code in self._by_code:
            self._by_code[code] = company
        if company.is_deleted:
            return
        if name in self._by_name:
            self._by_name[name][company.key] = company
        if key in self._alike:
            self._add_alike(key, company, company.name)

    def _seen(self, row: tuple[Any, ...]) -> Known:
        key, name, region, industry, deleted_at, code, *_keys = row
        if key not in self._known:
            fresh = Known(key, name, bare(name), code, region, industry, deleted_at is not None)
            self._known[key] = self._changed.get(key, fresh)
        return self._known[key]

    def _add_alike(self, key: str, company: Known, name: str) -> None:
        self._alike[key].setdefault(company.key, (company, set()))[1].add(bare(name))

    def find(self, name: str, code: str = "") -> Known | None:
        """The company that is surely meant; None: a new one. Raises ValidationError where it cannot be told."""
        if code and (found := self._by_code.get(code)):
            if found.is_deleted:
                raise ValidationError({"credit_code": _("The company with this code was deleted: restore it first.")})
            return found
        if not name:
            raise ValidationError({"company": _("No company is named.")})
        exact = [one for one in self._by_name[folded(name)].values() if not code or not one.code]
        found = self._only(name, code, exact)
        return found or self._only(name, code, [] if exact else self._same_but_for_signs(name, code))

    def _only(self, name: str, code: str, found: list[Known]) -> Known | None:
        if len(found) > 1 and not code:
            raise ValidationError(
                {"company": _("Several companies are called “%(name)s”: give the credit code.") % {"name": name}}
            )
        return found[0] if len(found) == 1 else None

    def _same_but_for_signs(self, name: str, code: str) -> list[Known]:
        """The same name but for signs, or where one of the two is no full legal name, for the legal ending; or a further name."""
        mine = bare(name)
        found = []
        for one, theirs in self._alike[matched(name)].values():
            differs = mine.endswith(LEGAL_ENDING) and mine not in theirs and all(each.endswith(LEGAL_ENDING) for each in theirs)
            if not differs and not (code and one.code):
                found.append(one)
        return found

    def take(self, given: Given) -> Known:
        """The company meant, with what the row adds; a new one where there is none. Raises ValidationError as `find` does."""
        company = self.find(given.name, given.code) or self._make(given)
        if given.code and not company.code and (error := credit_code_error(given.code)):
            raise ValidationError({"credit_code": error})
        self._fill(company, given)
        short = given.short
        if short and folded(short) != folded(company.name) and (company.key, folded(short)) not in self._short:
            self._add_name(company, short)
        return company

    def _make(self, given: Given) -> Known:
        made = Company(name=given.name, is_legal_name=given.name.endswith(LEGAL_ENDING), credit_code=given.code or None)
        made.clean_fields(exclude=("region", "industry", "parent", "name_folded", "pinyin", "match_key"))
        made.clean()
        made.created_at, made.updated_at = self._template.created_at, self._template.updated_at
        made.region_id, made.industry_id = given.region, given.industry
        made.derive()
        made.pk = next(self._keys)
        known = Known(made.pk, made.name, bare(made.name), made.credit_code, given.region, given.industry)
        self.new.add(made)
        self._known[made.pk] = known
        if made.credit_code:
            self._by_code[made.credit_code] = known
        self._by_name.setdefault(made.name_folded, {})[made.pk] = known
        self._alike.setdefault(matched(made.name), {})
        self._add_alike(matched(made.name), known, made.name)
        return known

    def _fill(self, company: Known, given: Given) -> None:
        """What the company lacks and the row has. Of a company staged by an earlier row, too: it is staged anew at the end."""
        before = (company.code, company.region, company.industry)
        if given.code and not company.code:
            company.code = given.code
            self._by_code[given.code] = self._changed_codes[given.code] = company
        company.region = company.region or given.region
        company.industry = company.industry or given.industry
        if before != (company.code, company.region, company.industry):
            self._changed[company.key] = company

    def _add_name(self, company: Known, short: str) -> None:
        made = CompanyName(company_id=company.key, name=short, kind=CompanyName.Kind.SHORT)
        made.clean_fields(exclude=("company", "name_folded", "pinyin", "match_key"))
        made.derive()
        made.pk = next(self._name_keys)
        self.names.add(made)
        self._short.add((company.key, made.name_folded))
        if made.match_key in self._alike:
            self._add_alike(made.match_key, company, short)

    def finish(self) -> None:
        """Stage what was added to companies, once for each."""
        for key, known in self._changed.items():
            changed = Company(pk=key, name=known.name, credit_code=known.code, region_id=known.region, industry_id=known.industry)
            changed.created_at, changed.updated_at = self._template.created_at, self._template.updated_at
            self.filled.add(changed)
        for stage in (self.new, self.filled, self.names):
            stage.flush()
