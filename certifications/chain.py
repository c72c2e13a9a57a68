"""The renewals of a statement over time, with the change from one to the next where the two are alike. For its own page.

Alike means: the same quantity, for footprints per the same declared unit, over the same boundary and for the same products,
for emissions over the same categories and periods of one length. Everything else is said to be not comparable, with why.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from tanxun.listing.columns import InOrder
from tanxun.listing.figures import figure, short_figure
from tanxun.search.fold import fold

from .models import Product, VerificationStatement

READ = 300  # renewals, the newest first
STEPS = 30  # from a statement to what it replaces, or is replaced by, where that is of another type or name
LENGTHS_APART = 15  # days by which two periods may differ and count as equally long
ONE = re.compile(r"^1(?![0-9.,])")
EMISSIONS, FOOTPRINT = "emissions_tco2e", "footprint_kgco2e"


@dataclass(frozen=True)
class Change:
    """From the earlier statement to this one: "−12.5%" and "−150 tCO₂e", or in `reason` why the two cannot be compared."""

    percent: str = ""
    amount: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Link:
    """One statement of a chain. `relation` says why it stands here where a person said so; `change` is None for the first, and
    for list memberships, which state no figures.
    """

    statement: VerificationStatement
    is_this: bool
    period: str
    value: str
    relation: str
    change: Change | None


def chain(statement: VerificationStatement) -> list[Link]:
    """The statements before and after this one, the latest first; empty where it stands alone. Two queries beside that for its
    products, and one more for each step to statements of another type or name.

    In it are the company's of the same type and programme that share a product (or, like this one, name none), and all that
    replace one another, by whatever name or type.
    """
    family = with_replaced(list(renewals(statement)[:READ]))
    if len(family) < 2:
        return []
    family.sort(key=lambda one: (one.period_end or one.dated_on, one.dated_on, one.pk))
    links = []
    for before, one in zip([None, *family], family, strict=False):
        change = compare(before, one) if before and not one.is_list_membership else None
        links.append(Link(one, one.pk == statement.pk, period_words(one), value_of(one), relation(one, statement), change))
    return links[::-1]


def shown_rows() -> QuerySet[VerificationStatement]:
    """Statements as the chain shows and compares them."""
    keys = Product.objects.filter(statements=OuterRef("pk")).order_by("pk").values(item=F("pk"))
    rows = VerificationStatement.objects.with_validity().select_related("statement_type", "company", "programme")
    return rows.annotate(product_keys=InOrder(keys))


def renewals(statement: VerificationStatement) -> QuerySet[VerificationStatement]:
    """This one, then the newest of its company, type and programme with a shared product; or neither names any."""
    rows = shown_rows().filter(
        company=statement.company_id, statement_type=statement.statement_type_id, programme=statement.programme_id
    )
    if own := list(statement.products.all()):
        named = VerificationStatement.products.through.objects.filter(product__in=own)
        rows = rows.filter(pk__in=named.values("verificationstatement"))
    else:
        rows = rows.filter(products=None)
    return rows.order_by(Case(When(pk=statement.pk, then=Value(0)), default=Value(1)), "-dated_on", "-pk")


def with_replaced(family: list[VerificationStatement]) -> list[VerificationStatement]:
    """`family` with all that they replace or are replaced by, and so on."""
    known = {one.pk: one for one in family}
    newest = family
    for _step in range(STEPS):
        replaced = {one.replaces_id for one in newest if one.replaces_id} - known.keys()
        near = Q(pk__in=replaced) | Q(replaces__in=[one.pk for one in newest])
        newest = [one for one in shown_rows().filter(near).order_by("-dated_on", "-pk")[:READ] if one.pk not in known]
        known |= {one.pk: one for one in newest}
        if not newest or len(known) > READ:
            break
    return list(known.values())


def period_words(one: VerificationStatement) -> str:
    """A calendar year as its number, else both ends of the period; "" where none is known."""
    start, end = one.period_start, one.period_end
    if start and end and (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return str(start.year) if start.year == end.year else f"{start.year} – {end.year}"
    return " – ".join(day.isoformat() for day in (start, end) if day)


def relation(one: VerificationStatement, statement: VerificationStatement) -> str:
    if one.replaces_id == statement.pk:
        return _("replaces this one")
    return _("replaced by this one") if statement.replaces_id == one.pk else ""


def value_of(one: VerificationStatement) -> str:
    """The figure with its unit, as read on a page; "" where none is stated."""
    if one.footprint_kgco2e is not None:
        per = f"/{one.declared_unit}" if one.declared_unit else ""
        return f"{short_figure(one.footprint_kgco2e)} kgCO₂e{per}"
    return f"{short_figure(one.emissions_tco2e)} tCO₂e" if one.emissions_tco2e is not None else one.result_as_printed


def compare(before: VerificationStatement, after: VerificationStatement) -> Change:
    """The change from the earlier to the later statement, or why there is none to tell."""
    quantity = shared_quantity(before, after)
    if not quantity:
        return Change(reason=why_no_quantity(before, after))
    unlike = why_unlike_footprints if quantity == FOOTPRINT else why_unlike_emissions
    if reason := unlike(before, after):
        return Change(reason=reason)
    old, new = getattr(before, quantity), getattr(after, quantity)
    unit = f"kgCO₂e/{after.declared_unit}" if quantity == FOOTPRINT else "tCO₂e"
    amount = f"{signed(new - old)} {unit}"
    percent = f"{signed(round((new - old) / old * 100, 1))}%" if old else ""
    is_vague = quantity == EMISSIONS and not (after.categories or after.scopes)
    return Change(percent, amount, note=_("neither says which categories it covers") if is_vague else "")


def shared_quantity(before: VerificationStatement, after: VerificationStatement) -> str:
    both = (name for name in (FOOTPRINT, EMISSIONS) if None not in (getattr(before, name), getattr(after, name)))
    return next(both, "")


def why_no_quantity(before: VerificationStatement, after: VerificationStatement) -> str:
    figures = [[name for name in (FOOTPRINT, EMISSIONS) if getattr(one, name) is not None] for one in (before, after)]
    if all(figures):
        return _("one is a footprint, the other an amount of emissions")
    return _("no figure is stated") if not any(figures) else _("only one of the two states a figure")


def why_unlike_footprints(before: VerificationStatement, after: VerificationStatement) -> str:
    """A footprint means something per its unit, within its boundary, of its products alone."""
    if not (before.declared_unit and after.declared_unit):
        return _("a declared unit is not stated")
    if unit_key(before.declared_unit) != unit_key(after.declared_unit):
        return _("other declared unit: %(before)s → %(after)s") % {"before": before.declared_unit, "after": after.declared_unit}
    if not (before.system_boundary and after.system_boundary):
        return _("a system boundary is not stated")
    if before.system_boundary != after.system_boundary:
        words = {"before": before.get_system_boundary_display(), "after": after.get_system_boundary_display()}
        return _("other system boundary: %(before)s → %(after)s") % words
    return _("they name other products") if before.product_keys != after.product_keys else ""


def why_unlike_emissions(before: VerificationStatement, after: VerificationStatement) -> str:
    """A year's emissions beside those of another year, as far as both count the same sources."""
    if not (before.period_end and after.period_end):
        return _("a period covered is not stated")
    if before.period_end == after.period_end:
        return _("both cover the same period")
    if abs(length(before) - length(after)) > LENGTHS_APART:
        return _("the periods are not equally long")
    if before.system_boundary != after.system_boundary:
        return _("they do not state the same system boundary")
    for name, label in (("categories", _("categories")), ("scopes", _("scopes"))):
        old, new = sorted(getattr(before, name)), sorted(getattr(after, name))
        if old != new:
            return _("other %(what)s: %(before)s → %(after)s") % {"what": label, "before": listed(old), "after": listed(new)}
    return ""


def length(one: VerificationStatement) -> int:
    """Days of the period covered; where only its end is known, a year."""
    end: dt.date = one.period_end
    return (end - one.period_start).days + 1 if one.period_start else 365


def unit_key(unit: str) -> str:
    """1 台 and 台 are one unit."""
    return ONE.sub("", fold(unit).replace(" ", ""))


def listed(numbers: Iterable[int]) -> str:
    return _(", ").join(map(str, numbers)) or _("not stated")


def signed(value: Decimal) -> str:
    """+1,200 or −12.5; ±0 for no change."""
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{figure(abs(value))}"
