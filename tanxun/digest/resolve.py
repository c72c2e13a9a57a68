"""Printed names → the companies, bodies and regions they may mean, each with its reason. Asked by the desk and by accept-all.

A name is resolved only where it equals a known name after folding; likeness alone is shown to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Value
from django.utils.translation import gettext as _

from certifications.forms import LEGAL_ENDING, bodies_called
from certifications.models import Company
from tanxun.regions.models import Region
from tanxun.regions.names import load
from tanxun.search.fold import fold, match_key

SHOWN = 6


@dataclass(frozen=True)
class Candidate:
    """One record that a printed name may mean: its key, its name as shown, and why it is offered."""

    id: str
    label: str
    reason: str

    def as_json(self) -> dict[str, str]:
        return {"id": self.id, "label": self.label, "reason": self.reason}


@dataclass(frozen=True)
class Choice:
    """What a name may mean. `chosen` is the key that it certainly means ("": none, a new one).

    `is_open`: a person must decide.
    """

    candidates: tuple[Candidate, ...] = ()
    chosen: str = ""
    is_open: bool = False


def company(name: str, short_name: str = "") -> Choice:
    """The companies that a printed name may mean.

    Exactly one with the same name, or the same without the legal ending, or the same as a further name: that one.
    Several, or one that only shares the short name or a part of the name: open, unless both are different legal names.
    """
    if not name:
        return Choice()
    same = _companies(Company.objects.filter(name_folded=fold(name)), _("same name"))
    same = same or _companies(Company.objects.matching(name), _("same name but for the legal ending, or a known further name"))
    if same:
        return Choice(same, same[0].id if len(same) == 1 else "", len(same) > 1)
    is_legal = name.endswith(LEGAL_ENDING)
    if short_name and (named := Company.objects.matching(short_name)):
        found = _companies(named, _("known by the short name %(name)s") % {"name": short_name})
        certain_other = is_legal and all(known.is_legal_name for known in named)
        return Choice(found, "", not certain_other)
    alike = _alike(match_key(name), is_legal)
    return Choice(alike, "", bool(alike))


def namesakes(name: str) -> tuple[Candidate, ...]:
    """The companies with exactly the name that a reviewer typed, where there are several: one of them must be chosen."""
    found = _companies(Company.objects.filter(name_folded=fold(name)), _("same name"))
    return found if len(found) > 1 else ()


def _companies(rows: Iterable[Company], reason: str) -> tuple[Candidate, ...]:
    return tuple(Candidate(str(row.pk), _label(row), reason) for row in list(rows)[:SHOWN])


def _label(row: Company) -> str:
    """The name with what tells namesakes apart."""
    region = load().full_name(row.region_id) if row.region_id else ""
    apart = "，".join(filter(None, (region, row.credit_code)))
    return f"{row.name}（{apart}）" if apart else row.name


def _alike(key: str, is_legal: bool) -> tuple[Candidate, ...]:
    """A name that is no legal one may stand for any company whose name holds it, and the other way round."""
    if len(key) < 2:
        return ()
    if is_legal:
        rows = Company.objects.filter(is_legal_name=False).alias(printed=Value(key)).filter(printed__contains=F("match_key"))
        return _companies(rows.exclude(match_key="")[:SHOWN], _("its name, not a full legal one, is part of the printed name"))
    holding = Company.objects.filter(Q(match_key__contains=key) | Q(names__match_key__contains=key)).distinct()
    return _companies(holding[:SHOWN], _("its name holds the printed name"))


def body(name: str) -> Choice:
    """The verification bodies that bear the printed name; none: accepting makes a new one, not yet confirmed."""
    rows = bodies_called(name) if name else []
    found = tuple(Candidate(str(row.pk), row.name, _same_or_alias(row.name, name)) for row in rows[:SHOWN])
    return Choice(found, found[0].id if len(found) == 1 else "", len(found) > 1)


def _same_or_alias(name: str, printed: str) -> str:
    return _("same name") if fold(name) == fold(printed) else _("%(printed)s is another name of it") % {"printed": printed}


def region(field: dict[str, Any] | None) -> Choice:
    """The regions that a draft's field {value: {code, name}, candidates, reason} leaves open.

    A retired code stands for the division that holds it now.
    """
    if not field or not field["value"]:
        return Choice()
    options = [field["value"], *field.get("candidates", [])]
    resolved = {option["code"]: load().resolve_code(option["code"]) for option in options}
    codes = dict.fromkeys(division.code for division in resolved.values() if division)
    rows = Region.objects.in_bulk(codes)
    found = tuple(Candidate(code, f"{code} {rows[code].full_name}", field["reason"]) for code in codes if code in rows)
    return Choice(found, found[0].id if found else "", len(found) > 1)
