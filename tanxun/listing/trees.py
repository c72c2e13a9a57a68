"""Filters whose choices lie in each other: places and industries. What is asked of one is asked of all below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tanxun.regions.models import Region, place_words
from tanxun.regions.names import Division, code_range, load
from tanxun.search.fold import search_text

from .columns import in_language
from .options import NONE, ChoiceFilter, Option, Part, RowChoiceFilter
from .parameters import Tally

PLACE = "Place"  # the name of the schema of all places in the description of the API


@dataclass
class Branch:
    """A choice and those below it. `has_more`: there are some, which are fetched when it is opened."""

    option: Option
    below: list[Branch] = field(default_factory=list)
    has_more: bool = False


def in_industries(path: str, codes: Iterable[str]) -> Q:
    """Rows whose industry, at `path`, is one of these codes of GB/T 4754; a section means all its divisions."""
    asked = list(codes)
    return Q(**{f"{path}__in": asked}) | Q(**{f"{path}__parent__in": asked})


def within(code: str, path: str, province: str = "") -> Q:
    """Rows of that division and all below it, by the region at `path`; of a province by its copy at `province`, where given."""
    if province and code.endswith("0000"):
        return Q(**{province: code})
    return Q(**{f"{path}__code__range": code_range(code)})


def applying(codes: Iterable[str], path: str, whole: Q) -> Q:
    """Rows that hold in one of these divisions: its own and those of the divisions above it, by the region at `path`, if they
    hold in the `whole` of their region; and those of no region.
    """
    above = {part for code in codes for part in line_of(code)}
    return Q(**{f"{path}__in": above}) & whole | Q(**{f"{path}__isnull": True})


class IndustryFilter(RowChoiceFilter):
    """A code of GB/T 4754; a section means all its divisions."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(control="tree", value="code", text_en="name_en", **kwargs)

    def chosen(self, options: Sequence[Option]) -> Q:
        """By their codes alone, those of the divisions with them: whichever database sees then how few rows there are."""
        asked = {option.value for option in options}
        return self.once(Q(**{f"{self.field_name}__in": [text for text in self.options if {text, text[:1]} & asked]}))

    def tally_options(self, rows: QuerySet, unit: str) -> Tally:
        tally = super().tally_options(rows, unit)
        if not self.is_to_many():
            for text, option in self.options.items():
                if len(option.value) > 1:
                    tally[text[0]] = tally.get(text[0], 0) + tally[text]
            return tally
        section = Coalesce(f"{self.field_name}__parent", self.field_name)
        sections = rows.order_by().annotate(of_section=section).values_list("of_section").annotate(n=Count(unit, distinct=True))
        return tally | {text: n for text, n in sections if text}

    def parts(self, tally: Tally) -> Iterator[Part]:
        """The divisions; of a section only what none of them holds, which is the section without them."""
        for text in self.options:
            below = [code for code in self.options if code[0] == text and len(code) > 1 and tally.get(code)]
            rest = tally.get(text, 0) - sum(tally[code] for code in below)
            words = _("%(section)s, no division stated") % {"section": self.words(text)} if below else self.words(text)
            yield Part(text, str(words), rest, tuple(below))
        yield Part(NONE, self.words(NONE), tally.get(NONE, 0))

    def covers(self, chosen: Iterable[str], text: str) -> bool:
        return bool({text, text[:1]} & set(chosen))

    def branches(self, chosen: Iterable[str]) -> list[Branch]:
        """The sections, each with its divisions."""
        sections = {text: Branch(option) for text, option in sorted(self.options.items()) if len(text) == 1}
        for text, option in sorted(self.options.items()):
            if len(text) > 1 and text[0] in sections:
                sections[text[0]].below.append(Branch(option))
        return list(sections.values())


class RegionFilter(ChoiceFilter):
    """A GB/T 2260 code: that division and all below it, as one index range.

    `province` is the path to the province where records keep it, too: an index that it leads keeps the order of the list.
    With `scope`, the name of a parameter: `within` (the default), `exact`, or `applies` (what holds in that place: its own
    and the divisions above it, national included; of these only rows that hold in the `whole` of their region).
    """

    def __init__(self, *, scope: str = "", province: str = "", whole: Q | None = None, **kwargs: Any) -> None:
        super().__init__(control="tree", **kwargs)
        self.scope, self.province, self.whole = scope, province, whole or Q()

    def parse(self, text: str) -> str:
        known = text == NONE or load().get(text) is not None
        if not known and not (re.fullmatch(r"[0-9]{6}", text, re.ASCII) and Region.objects.filter(pk=text).exists()):
            raise ValidationError(_("There is no such region code: %(value)s.") % {"value": text[:60]})
        return text

    def condition(self, value: list[str]) -> Q:
        wanted = self.empty() if NONE in value else Q()
        for code in value:
            if code != NONE:
                wanted |= self._of_place(code, self.reach)
        return wanted

    @property
    def reach(self) -> str:
        """What the scope parameter says."""
        return (self.parent.form.cleaned_data.get(self.scope) if self.scope else None) or "within"

    def _of_place(self, code: str, scope: str) -> Q:
        if scope == "within":
            return within(code, str(self.field_name), self.province)
        if scope == "exact":
            return Q(**{self.field_name: code})
        return applying([code], str(self.field_name), self.whole)

    def empty(self) -> Q:
        return Q(**{f"{self.field_name}__isnull": True})

    def words(self, text: str) -> str:
        return super().words(text) if text == NONE else place_words(text) or text

    def schema(self) -> dict[str, Any]:
        """The same for every list, so it is told once."""
        return {"$ref": f"#/components/schemas/{PLACE}"}

    def tally_options(self, rows: QuerySet, unit: str) -> Tally:
        """Every place with any, by the reach asked for. Below a place are those whose code begins as its does."""
        if self.reach == "applies" and self.whole:
            rows = rows.filter(self.whole | self.empty())
        own = self.tally_keys(rows, unit)
        nowhere = own.pop(None, 0)
        if self.reach == "within":
            held: Counter[str] = Counter()
            for code, count in own.items():
                for above in set(line_of(code)):
                    held[above] += count
            gazetteer = load()  # the digits of a county of 北京 make up a prefecture that is no division
            return {code: n for code, n in held.items() if code in own or gazetteer.get(code)} | {NONE: nowhere}
        if self.reach == "exact":
            return dict(own) | {NONE: nowhere}
        return {d.code: nowhere + sum(own[code] for code in set(line_of(d.code))) for d in load()} | {NONE: nowhere}

    def branches(self, chosen: Iterable[str]) -> list[Branch]:
        """The provinces, and below the chosen places what lies in them: a short tree that leads anywhere."""
        gazetteer = load()
        opened = {division.code for code in chosen for division in gazetteer.chain(code)}
        strange = [Branch(Option(code, code)) for code in chosen if code != NONE and not gazetteer.get(code)]
        return [*strange, *branches_in("", opened)]


def line_of(code: str) -> tuple[str, str, str]:
    """The codes of the province, the prefecture and the division itself, by its digits."""
    return f"{code[:2]}0000", f"{code[:4]}00", code


def branches_in(code: str, opened: Iterable[str] = ()) -> list[Branch]:
    """What lies directly in the division `code` ("": the provinces); of those that are `opened` also what lies in them."""
    below = _below()
    return [
        Branch(_option(division), branches_in(division.code, opened) if division.code in opened else [], division.code in below)
        for division in below.get(code, ())
    ]


def branches_named(text: str) -> list[Branch]:
    """The places that `text` begins the name or the pinyin of, higher ones first; each with the names above it.

    It may begin with places that they lie in (江苏昆山), in any width and script.
    """
    words, gazetteer = search_text(text), load()
    found = Region.objects.filter(_called(words)) if words and "\0" not in words else Region.objects.none()
    divisions = [gazetteer.get(code) for code in found.values_list("code", flat=True)[:200]]
    ranked = sorted(filter(None, divisions), key=lambda division: (len(gazetteer.chain(division.code)), division.code))
    return [Branch(Option(d.code, place_words(d.code))) for d in ranked[:20]]


def _called(words: str, within: str = "") -> Q:
    """Divisions in `within` (a code; "": anywhere) that `words` begin the name of, also after names of what they lie in."""
    here = Q(name__startswith=words) | Q(short_name__startswith=words) | Q(pinyin__startswith=words) | Q(pinyin_initials=words)
    if within:
        here &= Q(code__range=code_range(within)) & ~Q(code=within)
    name, places = load().prefix(words, within)
    if rest := words.removeprefix(name) if name else "":
        for place in places:
            here |= _called(rest, place.code)
    return here


def _option(division: Division) -> Option:
    return Option(division.code, in_language(division.name, division.name_en))


def place_schema() -> dict[str, Any]:
    """JSON Schema of what a RegionFilter takes: every code of the shipped table, or none."""
    codes = [*sorted(division.code for division in load()), NONE]
    return {"type": "string", "enum": codes, "description": str(_("A code of GB/T 2260: that place and all below it."))}


@cache
def _below() -> dict[str, list[Division]]:
    """The divisions directly below each code, in order."""
    below: dict[str, list[Division]] = {}
    for division in sorted(load(), key=lambda division: division.code):
        below.setdefault(division.parent, []).append(division)
    return below
