"""What a draft that is merged into a record says otherwise than the record: a conflict for each field. Called by `review`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from certifications.conflicts import hides_body
from certifications.models import Conflict, VerificationStatement
from policies.models import Policy
from policies.told import TABLES, figure, holds, row_of
from tanxun.listing.columns import known_day

from .corrections import READ_AS, entered_values, parts, same_key
from .duplicates import Accepted
from .entry import Entry, is_blank
from .wording import shown, worded

# Wordings and our own sorting: two sources put the same fact differently.
NOT_FACTS = {"headline", "key_points", "summary", "topics", "section", "kind", "text"}
# Which company is meant was decided with the merge; its place is the company's own.
OF_COMPANY = {"company", "short_name"}


def disagreements(entry: Entry, record: Accepted, written: Collection[str], source: str) -> list[Conflict]:
    """Unsaved conflicts of the fields that both fill, each in its own way, and that the merge does not write anew.

    What a source leaves open is no conflict: a value less in a list, a cell less in a row, a date known to its month only
    that the other one's day lies in. `source` is where the draft comes from. Ask before the merge writes.
    """
    if not isinstance(record, VerificationStatement | Policy):
        return []
    taken = {READ_AS.get(name, name) for name in written}
    left_out = NOT_FACTS | OF_COMPANY | taken | ({"region"} if isinstance(record, VerificationStatement) else set())
    held = recorded_values(record)
    found = []
    for name, other in entered_values(entry).items():
        is_unhidden = name == "verification_body" and hides_body(record)
        if name in left_out or is_blank(other) or (is_blank(held.get(name)) and not is_unhidden):
            continue
        if is_unhidden or says_else(name, held[name], other):
            with translation.override(settings.LANGUAGE_CODE):
                kept = _("undisclosed") if is_unhidden else in_words(entry, name, held[name])
                conflict = Conflict(field=name, kept=kept, other=in_words(entry, name, other), value=other)
            conflict.kept_source, conflict.other_source = record.source_note, source
            setattr(conflict, "statement" if isinstance(record, VerificationStatement) else "policy", record)
            found.append(conflict)
    return found


def says_else(name: str, kept: Any, other: Any) -> bool:
    """Whether `other` holds anything that `kept` does not, whatever the spelling."""
    if name in TABLES:
        return any(not any(holds(name, row, each) for row in kept) for each in other)
    if name in Policy.days:
        return not (kept.startswith(other) or other.startswith(kept))
    known = [same_key(name, each) for each in parts(kept)]
    return any(same_key(name, each) not in known for each in parts(other))


def more_exact(entry: Entry, record: Accepted) -> set[str]:
    """The dates that a policy has to the month or year, and `entry` more exactly within it: a merge fills them in."""
    if not isinstance(record, Policy):
        return set()
    held, entered = of_policy(record), entered_values(entry)
    dates = [(name, held[name], entered.get(name)) for name in Policy.days]
    return {name for name, kept, other in dates if kept and other and len(other) > len(kept) and other.startswith(kept)}


def recorded_values(record: VerificationStatement | Policy) -> dict[str, Any]:
    """What a record holds, by the names and in the JSON of `entered_values`."""
    return of_policy(record) if isinstance(record, Policy) else of_statement(record)


def of_statement(statement: VerificationStatement) -> dict[str, Any]:
    dates = ("announced_on", "issued_on", "valid_until", "period_start", "period_end")
    plain = ("certificate_number", "categories", "scopes", "assurance_level")
    figure, _space, unit = statement.result_as_printed.partition(" ")
    return {
        **{name: iso(getattr(statement, name)) for name in dates},
        **{name: getattr(statement, name) for name in plain},
        "statement_type": statement.statement_type.slug,
        "verification_body": str(statement.verification_body or ""),
        "consultant": str(statement.consultant or ""),
        "products": [product.name for product in statement.products.all()],
        "standards": [str(standard) for standard in statement.standards.all()],
        "result": {"value": figure, "unit": unit} if is_number(figure) else None,
    }


def of_policy(policy: Policy) -> dict[str, Any]:
    plain = ("declared_issuer_count", "level", "park_name", "stage")
    days = {name: known_day(getattr(policy, name), policy.precisions.get(name)) for name in policy.days}
    return {
        **{name: str(day) if day else None for name, day in days.items()},
        **{name: getattr(policy, name) for name in plain},
        **{name: [row_of(name, row) for row in getattr(policy, name).all()] for name in TABLES},
        "region": {"code": policy.region.code, "name": policy.region.name} if policy.region else None,
        "issuing_bodies": [str(issuer.body) for issuer in policy.issuers.select_related("body")],
    }


def iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def is_number(text: str) -> bool:
    try:
        return figure(text) is not None
    except ArithmeticError:
        return False


def in_words(entry: Entry, name: str, value: Any) -> str:
    """For a person: coded values by their labels, a result with its unit, each row of a table on a line."""
    if name == "result":
        return f"{value['value']} {value['unit']}".strip()
    if name == "region":
        return str(value["name"])
    field = entry.form.fields.get(name)
    if name == "statement_type":
        return next((str(kind) for kind in field.queryset if kind.slug == value), str(value))  # type: ignore[union-attr]
    return worded(field, shown(value))
