"""Hands one message to its hook. Called by `sending`, and by the button “send a test”."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from tanxun import web

from ..models import Hook, Message
from ..models.outbox import READY
from ..sending import PAUSES, Moot, Undelivered
from .formats import fault_of, letter
from .telling import Telling, telling_of, trial_telling

MOST_FAILURES = 10  # in a row: then the hook is paused
GONE = 410


def deliver(message: Message) -> None:
    """Raises Undelivered or Moot."""
    with override(settings.LANGUAGE_CODE):
        hook = Hook.objects.live().select_related("owner").filter(pk=message.recipient_key).first()
        if hook is None:
            raise Moot(_("The hook was removed."))
        if not hook.paused_at and not hook.may_still:
            hook.pause(_("Its owner may no longer have hooks: another manager may take it over by saving it."))
        if hook.paused_at:
            raise Undelivered(_("The hook is paused."), is_final=True)
        if fault := hand_over(hook, telling_of(message), delivery_id(message)):
            failed(hook, message, fault)
            raise Undelivered(fault)
        Hook.objects.filter(pk=hook.pk).update(failures=0, delivered_at=timezone.now())


def delivery_id(message: Message) -> str:
    """The same for every try: by it a receiver drops a twin."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.SITE_URL}/{message.recipient}/{message.key}"))


def hand_over(hook: Hook, telling: Telling, delivery: str) -> str:
    """What went wrong, "" where the receiver said yes."""
    sent = letter(hook, telling, delivery)
    try:
        answer = web.post(sent.url, sent.body, sent.headers)
    except web.WebError as error:
        return str(error)
    if answer.status == GONE:
        hook.pause(_("The receiver says that it is gone for good (410)."))
    return fault_of(hook, answer)


def failed(hook: Hook, message: Message, words: str) -> None:
    """Count it; what else waits for this hook waits as long as the one that failed, so that nobody is asked in vain."""
    Hook.objects.filter(pk=hook.pk).update(failures=F("failures") + 1)
    hook.refresh_from_db(fields=["failures"])
    if hook.failures >= MOST_FAILURES and not hook.paused_at:
        reason = _("%(count)s tries failed one after the other, the last so: %(words)s")
        hook.pause(reason % {"count": hook.failures, "words": words})
    later = timezone.now() + PAUSES[min(max(hook.failures, 1), len(PAUSES)) - 1]  # none, where another has just got through
    hook.messages.filter(state__in=READY).exclude(pk=message.pk).update(not_before=later)


def send_test(hook: Hook) -> str:
    """Send a test now; what went wrong, "" where the receiver said yes."""
    with override(settings.LANGUAGE_CODE):
        telling = trial_telling()
    return hand_over(hook, telling, str(uuid.uuid4()))
