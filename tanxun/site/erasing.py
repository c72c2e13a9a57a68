"""A person erased: their account stays as an empty one, since histories stand on it; their name and address go everywhere else.

Asked by the command `erase_person`. What they did stays counted, under “erased person 7”. It cannot be undone.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from functools import reduce
from operator import or_
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import override
from simple_history.models import HistoricalChanges

from certifications.models import Company, CompanyMerge, CompanyName, CompanyNote, VerificationBody
from policies.models import IssuingBody
from tanxun.alerts.models import Mailbox, Message, ScheduledExport, Subscription
from tanxun.digest.models import Newsletter
from tanxun.jobs.models import Job
from tanxun.listing import exports
from tanxun.listing.keys import AccessKey
from tanxun.listing.models import SavedFilter
from tanxun.records import sealing, seals
from tanxun.records.models import Attachment
from tanxun.records.proposals import Proposal
from tanxun.records.seals import Seal

from . import sessions, sso
from .models import Role, User

log = logging.getLogger(__name__)
Count = dict[str, int]
Put = Callable[[str], str]
BATCH = 500
# Where people's names come to stand beside their account: reasons that were typed, names that were given, what was sent.
WRITTEN: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (LogEntry, ("object_repr", "change_message")),
    (Message, ("subject", "error", "payload")),
    (Job, ("title", "words", "error", "arguments", "result")),
    (SavedFilter, ("name",)),
    (Proposal, ("title", "reason", "answer", "data", "told")),
    (Newsletter, ("title",)),
    (CompanyNote, ("text",)),
    (CompanyMerge, ("reason",)),
    (Attachment, ("note",)),
)
IN_ADDRESSES = re.compile(r"[0-9A-Za-z_.@+-]+")  # what may be a part of an e-mail or web address
OF_ENTRIES = {"history_change_reason", "deleted_reason"}
OF_ENTRY = {CompanyNote.history.model: {"text"}, Attachment.history.model: {"note"}}
THEIRS = (Mailbox, Subscription)  # `user` is whose it is: nothing goes out to them any more


def nameless(user: User) -> str:
    """What stands for them from now on; in the site's language, as all that is stored."""
    with override(settings.LANGUAGE_CODE):
        return _("erased person %(number)s") % {"number": user.pk}


def erase(user: User, by: User | None, reason: str) -> Count:
    """Replace the name and address of `user` in all that is stored; how many rows of each kind. All of it or nothing.

    Raises ValidationError for the last superuser, for who does it, and for a name that would be found in everything.
    """
    needles = [each for each in dict.fromkeys((user.email, user.display_name, user.username)) if each]
    refuse(user, by, needles)
    now = nameless(user)
    put = putting(now, needles, longer_names(user, needles))
    with transaction.atomic():
        count = {"sessions": sessions.end(user), **take_away(user), **of_sign_ins(needles)}
        count["texts"] = sum(replaced(model, columns, needles, put) for model, columns in written())
        count["histories"] = in_histories(needles, put, user.pk)
        empty_account(user, now)
        kind = ContentType.objects.get_for_model(User)
        LogEntry.objects.create(
            user=by or user, content_type=kind, object_id=str(user.pk), object_repr=now, action_flag=CHANGE, change_message=reason
        )
    log.warning("Account %s was erased: %s", user.pk, count)
    return count


def refuse(user: User, by: User | None, needles: list[str]) -> None:
    if by and by.pk == user.pk:
        raise ValidationError(_("Nobody erases themselves: another administrator does."))
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        raise ValidationError(_("This is the last administrator: make another one first."))
    for each in needles:
        if len(each) == 1 or each in words_of_roles():
            words = _("“%(name)s” is no name but a word that stands everywhere: change it in the account first.")
            raise ValidationError(words % {"name": each})


def words_of_roles() -> set[str]:
    found = set(Role.values)
    for language, _name in settings.LANGUAGES:
        with override(language):
            found |= {str(label) for label in Role.labels}
    return found


def empty_account(user: User, now: str) -> None:
    """The row stays: who did what is told by it, by number alone."""
    user.username, user.display_name = f"erased-{user.pk}", now[:60]
    user.email = user.first_name = user.last_name = ""
    user.is_active = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()


def take_away(user: User) -> Count:
    """What is theirs alone and would go on working: keys, mails to come, files that were made for them."""
    keys = AccessKey.objects.filter(user=user).delete()[0]
    ScheduledExport.objects.filter(owner=user).delete()
    for model in THEIRS:
        model._default_manager.filter(user=user).delete()
    messages = Message.objects.filter(recipient=f"user-{user.pk}")
    mails = messages.update(subject="", error="", payload={})
    messages.filter(state="waiting").update(state="dropped")
    files = 0
    for job in Job.objects.filter(owner=user).exclude(result={}):
        if name := job.result.get("file"):
            (exports.folder() / str(name)).unlink(missing_ok=True)
            files += 1
    return {"keys": keys, "ways in": sso.take_ways(user, DEFAULT_DB_ALIAS), "mails": mails, "files": files}


def of_sign_ins(needles: list[str]) -> Count:
    """Tries to sign in are kept by what was typed for a name, in whatever letters, with addresses of machines."""
    typed = reduce(or_, (Q(username__iexact=each) for each in needles))
    kinds = (AccessAttempt, AccessFailureLog, AccessLog)
    return {"sign-ins": sum(kind.objects.filter(typed).delete()[0] for kind in kinds)}


def written() -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Every model and its columns in which a name may stand as text; removals have their reason on the record."""
    yield from WRITTEN
    for model in apps.get_models():
        if not issubclass(model, HistoricalChanges) and "deleted_reason" in {each.name for each in model._meta.fields}:
            yield model, ("deleted_reason",)


def in_histories(needles: list[str], put: Put, number: int) -> int:
    """Reasons in sealed histories: the triggers are off for this transaction alone, and nobody else ever finds them so. A chain
    of seals begins anew, and says why.
    """
    kept = [model for model in apps.get_models() if issubclass(model, HistoricalChanges)]
    found: list[tuple[Any, tuple[str, ...]]] = []
    for model in kept:
        wanted = OF_ENTRIES | OF_ENTRY.get(model, set())
        columns = tuple(each.name for each in model._meta.fields if each.name in wanted)
        if columns and rows(model, columns, needles).exists():
            found.append((model, columns))
    if not found:
        return 0
    was_sound = next(seals.faults(), None) is None
    sealing.unseal()
    count = sum(replaced(model, columns, needles, put) for model, columns in found)
    sealing.seal()
    if count and Seal.objects.exists():
        seals.make(anew=True, reason=why_anew(number, count, was_sound))
    return count


def why_anew(number: int, count: int, was_sound: bool) -> str:
    """What the seal says that takes the place of those before; in the site's language, as all that is stored."""
    with override(settings.LANGUAGE_CODE):
        words = {True: _("before it all was as sealed"), False: _("before it not all was as sealed")}
        told = {"number": number, "count": count, "state": words[was_sound]}
        return _("Account %(number)s was erased: %(count)s entries changed; %(state)s") % told


def rows(model: Any, columns: tuple[str, ...], needles: list[str]) -> Any:
    """Rows in which one of `needles` may stand."""
    query = model._base_manager.annotate(**{f"text_of_{name}": Cast(name, TextField()) for name in columns})
    escaped = {form for each in needles for form in (each, json.dumps(each)[1:-1])}
    hits = (Q(**{f"text_of_{name}__contains": each}) for name in columns for each in escaped)
    return query.filter(reduce(or_, hits, Q(pk__in=[])))


def longer_names(user: User, needles: list[str]) -> set[str]:
    """Names of other people, of firms and of bodies that hold one of `needles`: Chinese has no border between words."""
    named = ((User.objects.exclude(pk=user.pk), "display_name"), (CompanyName.objects, "name"))
    named += tuple((model.with_deleted, "name") for model in (Company, VerificationBody, IssuingBody))
    found: set[str] = set()
    for rows, field in named:
        hits = reduce(or_, (Q(**{f"{field}__contains": each}) for each in needles))
        found.update(rows.filter(hits).values_list(field, flat=True))
    return found - set(needles)


def putting(now: str, needles: list[str], longer: set[str]) -> Put:
    """What replaces each of `needles` by `now`, where it stands as a whole and is no part of a `longer` name."""
    kept = sorted(longer, key=len, reverse=True)
    words = re.compile("|".join([*map(re.escape, kept), *map(whole, needles)]))
    return lambda text: words.sub(lambda hit: hit[0] if hit[0] in longer else now, text)


def replaced(model: Any, columns: tuple[str, ...], needles: list[str], put: Put) -> int:
    """Have `put` change the texts in which one of `needles` stands; how many rows that changed."""
    changed = 0
    for row in rows(model, columns, needles).order_by("pk").iterator(BATCH):
        values = {name: _without(model._meta.get_field(name), getattr(row, name), put) for name in columns}
        if any(values[name] != getattr(row, name) for name in columns):
            model._base_manager.filter(pk=row.pk).update(**values)
            changed += 1
    return changed


def whole(needle: str) -> str:
    """A pattern: no part of a longer word, nor of somebody else's address; a full stop or a dash beside it may be prose."""
    before, after = r"(?<![0-9A-Za-z_])", r"(?![0-9A-Za-z_]|@[0-9A-Za-z])"
    if IN_ADDRESSES.fullmatch(needle):
        before, after = rf"{before}(?<![0-9A-Za-z_/:.+-][@./+-])", rf"{after}(?![@./+-][0-9A-Za-z_])"
    return before + re.escape(needle) + after


def _without(field: models.Field, value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)[: field.max_length] if field.max_length else clean(value)
    if isinstance(value, dict):
        return {key: _without(TextField(), each, clean) for key, each in value.items()}  # names of fields are nobody's
    return [_without(TextField(), each, clean) for each in value] if isinstance(value, list) else value
