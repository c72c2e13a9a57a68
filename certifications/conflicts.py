"""Where sources disagree: noting what a second one says otherwise, writing what a person picks, statements that look alike.

Noted by merges on the review desk and by sheets that do not update; shown on the record, the desk, `/conflicts/` and at home.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from policies import links
from policies.forms import ROWS, PolicyEntryForm, issuing_body, write_children
from policies.models import Policy
from policies.told import TABLES, write_rows
from tanxun.records.models import FieldStatus, Precision

from . import recorded
from .forms import body_called, consultant_called, product_called, result_fields, standard_called
from .models import Conflict, NotTheSame, Programme, StatementType, VerificationStatement

Accepted = VerificationStatement | Policy
LOOK_ALIKES = 5
# What tells two statements apart where both say it, with what stands for nothing said.
TELLING = (("certificate_key", ""), ("period_end", None), ("programme", None), ("tier", ""), ("batch", ""))


class ChangedError(Exception):
    """The field is no longer what the person saw who decided."""


class SettledError(Exception):
    """Somebody else decided already; `conflict` is the row as it stands now."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        words = _("Already decided by %(who)s: %(choice)s.")
        super().__init__(words % {"who": conflict.resolved_by or "—", "choice": conflict.get_choice_display()})


def note(conflicts: Iterable[Conflict], moment: dt.datetime | None = None) -> int:
    """Keep those that say something new, found now or at that moment; how many. What was said before of the same field, open or
    decided, stays as it is."""
    wanted = list(conflicts)
    known: set[tuple[Any, ...]] = set()
    for name in ("statement", "policy"):
        keys = {getattr(each, f"{name}_id") for each in wanted} - {None}
        rows = Conflict.objects.filter(**{f"{name}__in": keys}) if keys else Conflict.objects.none()
        known |= set(rows.values_list("statement", "policy", "field", "other"))
    fresh = {key: each for each in wanted if (key := said(each)) not in known}
    made = Conflict.objects.bulk_create(fresh.values(), batch_size=500)
    if moment:  # the column's own moment is that of its row
        Conflict.objects.filter(pk__in=[each.pk for each in made]).update(found_at=moment)
    return len(fresh)


def said(conflict: Conflict) -> tuple[Any, ...]:
    return conflict.statement_id, conflict.policy_id, conflict.field, conflict.other


def hides_body(record: models.Model) -> bool:
    """Whether the source of `record` says that it does not disclose the body: that is a word of its own, which a source that
    names the body disagrees with. Nothing said would be a gap that any source fills."""
    return isinstance(record, VerificationStatement) and record.is_body_undisclosed


def settle(key: int, choice: str, user: AbstractUser, seen: str) -> Conflict:
    """Decide: the record keeps its value or takes the other one; either is confirmed from then on, with why in its history.
    `seen` is the `seal` of the field as it was shown.

    Raises ChangedError, SettledError, ValidationError where the record's own rules refuse the value, Conflict.DoesNotExist.
    """
    with transaction.atomic():
        conflict = Conflict.objects.select_for_update(of=("self",)).get(pk=key)
        if conflict.resolved_at:
            raise SettledError(conflict)
        record = type(conflict.record)._default_manager.select_for_update(of=("self",)).filter(pk=conflict.record.pk).first()
        if record is None:
            raise ValidationError(_("The record was removed meanwhile."))
        if recorded.seal(record, conflict.field) != seen:
            raise ChangedError
        with translation.override(settings.LANGUAGE_CODE):
            conflict.kept = recorded.in_words(record, conflict.field)  # what the other one was weighed against
        write(conflict, record, choice)
        conflict.choice, conflict.resolved_at, conflict.resolved_by = choice, timezone.now(), user
        conflict.save()
    return conflict


def write(conflict: Conflict, record: Accepted, choice: str) -> None:
    takes_other = choice == Conflict.Choice.OTHER
    record._change_reason = reason(conflict, takes_other)[:100]
    confirmed = dict.fromkeys(recorded.columns(conflict.field), FieldStatus.CONFIRMED.value)
    record.field_status = record.field_status | confirmed
    if not takes_other:
        record.save()
        return
    take_other(record, conflict.field, conflict.value)
    # A third source disagrees with what stands there now.
    others = Conflict.objects.of(record).filter(field=conflict.field, resolved_at=None).exclude(pk=conflict.pk)
    others.update(kept=conflict.other, kept_source=conflict.other_source)


def reopen(key: int) -> Conflict:
    """Let a decided one wait for a person again; the record stays as it is. Raises Conflict.DoesNotExist."""
    Conflict.objects.filter(pk=key).update(choice="", resolved_at=None, resolved_by=None)
    return Conflict.objects.get(pk=key)


def reason(conflict: Conflict, takes_other: bool) -> str:
    """For the history, in the language of the site."""
    with translation.override(settings.LANGUAGE_CODE):
        words = _("Sources disagreed on “%(field)s”: taken from %(source)s")
        if not takes_other:
            words = _("Sources disagreed on “%(field)s”: kept, against %(source)s")
        return words % {"field": label(conflict), "source": conflict.other_source or _("another source")}


def take_other(record: Accepted, name: str, value: Any) -> None:
    """Write a value, in the JSON of `Conflict.value`, into the field `name`, and save. Raises ValidationError."""
    take = take_of_policy if isinstance(record, Policy) else take_of_statement
    after = take(record, name, value)  # type: ignore[arg-type]
    record.derive()
    record.full_clean()
    record.save()
    if after:
        getattr(record, name).set(after)


def take_of_statement(statement: VerificationStatement, name: str, value: Any) -> list[models.Model]:
    """Sets a column; for products and standards gives what they are to be, after the save."""
    if name == "products":
        return [product_called(statement.company, each) for each in value]
    if name == "standards":
        return [standard_called(each) for each in value]
    if name == "result":
        for column, found in result_fields(Decimal(value["value"]), value["unit"]).items():
            setattr(statement, column, found)
    elif name == "verification_body":
        statement.verification_body, statement.is_body_undisclosed = body_called(value), False
    elif name == "consultant":
        statement.consultant = consultant_called(value)
    elif name == "programme":
        statement.programme = Programme.objects.get(slug=value)
    elif name == "recognised_by":
        statement.recognised_by = issuing_body(value)
    elif name == "statement_type":
        statement.statement_type = StatementType.objects.get(slug=value)
    else:
        setattr(statement, name, python_value(VerificationStatement, name, value))
    return []


def take_of_policy(policy: Policy, name: str, value: Any) -> list[models.Model]:
    """Sets a column, a date with how exactly it is known, or writes a small table of the policy."""
    if name == "region":
        policy.region_id = value["code"]
    elif name == "issuing_bodies":
        write_children(policy, name, value)
    elif name in TABLES:
        write_rows(policy, name, value)
        links.tie(policy)
    elif name in Policy.days:
        day, precision = PolicyEntryForm.base_fields[name].read(value)
        setattr(policy, name, day)
        others = {key: kept for key, kept in policy.precisions.items() if key != name}
        policy.precisions = others | ({} if precision == Precision.DAY else {name: precision})
    else:
        setattr(policy, name, python_value(Policy, name, value))
    return []


def python_value(model: type[models.Model], name: str, value: Any) -> Any:
    return model._meta.get_field(name).to_python(value)


def label(conflict: Conflict) -> str:
    """How the record's forms call the field."""
    name = conflict.field
    if name == "result":  # of the review desk: figure and unit
        return _("Result")
    if conflict.statement_id:
        return capfirst(str(VerificationStatement._meta.get_field(name).verbose_name))
    return str(ROWS[name].title if name in ROWS else PolicyEntryForm.base_fields[name].label)


def open_conflicts(record: models.Model | None) -> list[Conflict]:
    """Those of one record that wait for a person, the latest first, as `shown`."""
    return [each for each in conflicts_of(record) if not each.resolved_at]


def conflicts_of(record: models.Model | None) -> list[Conflict]:
    """All of one record, decided ones too, the latest first, as `shown`."""
    if not isinstance(record, Accepted):
        return []
    found = list(Conflict.objects.of(record).select_related("resolved_by"))
    for conflict in found:  # read once for all of them
        setattr(conflict, "statement" if conflict.statement_id else "policy", record)
    return shown(found)


def shown(conflicts: Iterable[Conflict]) -> list[Conflict]:
    """Each with its `label`, with what the record holds `now` in words, with the `seal` of that, and `was`: what it held in the
    words of when the conflict was found, where they are others."""
    found = list(conflicts)
    for conflict in found:
        record, name = conflict.record, conflict.field
        conflict.label, conflict.now, conflict.seal = (
            label(conflict),
            recorded.in_words(record, name),
            recorded.seal(record, name),
        )
        with translation.override(settings.LANGUAGE_CODE):
            conflict.was = "" if conflict.kept == recorded.in_words(record, name) else conflict.kept
    return found


def look_alikes(statement: VerificationStatement) -> list[VerificationStatement]:
    """Suspected duplicates of an accepted statement, but for its renewals and those that a person told apart. Two queries."""
    apart = {*keys_apart(statement), statement.replaces_id} - {None}
    rows = VerificationStatement.objects.similar_to(statement, list(statement.products.all())).exclude(pk__in=apart)
    for name, absent in TELLING:
        if value := getattr(statement, name):
            rows = rows.filter(Q(**{name: absent}) | Q(**{name: value}))
    rows = rows.exclude(replaces=statement).select_related("company", "statement_type")
    return list(rows[:LOOK_ALIKES])


def tell_apart(statement: VerificationStatement, other: VerificationStatement, user: AbstractUser) -> None:
    """Note that these are two statements; twice is the same as once."""
    first, second = sorted((statement.pk, other.pk))
    NotTheSame.objects.get_or_create(first_id=first, second_id=second, defaults={"said_by": user})


def tell_alike(statement: VerificationStatement, other: VerificationStatement) -> None:
    """Take back that these are two statements."""
    first, second = sorted((statement.pk, other.pk))
    NotTheSame.objects.filter(first_id=first, second_id=second).delete()


def told_apart(statement: VerificationStatement) -> list[VerificationStatement]:
    """Live statements that a person told apart from this one. Two queries; one where there are none."""
    rows = VerificationStatement.objects.filter(pk__in=keys_apart(statement))
    return list(rows.select_related("company", "statement_type").order_by("pk"))


def keys_apart(statement: VerificationStatement) -> set[int]:
    """Of all that a person told apart from this one, removed ones too. One query."""
    pairs = NotTheSame.objects.filter(Q(first=statement) | Q(second=statement)).values_list("first", "second")
    return {key for pair in pairs for key in pair} - {statement.pk}
