"""Files of saved filters by mail, every week: queued on their day by `duties`, written when they go out by `mail`."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, override
from django.utils.translation import gettext as _

from tanxun.jobs.attempt import JobError
from tanxun.jobs.models import Job
from tanxun.listing.access import EXPORT_PERMISSION
from tanxun.listing.exports import start_export
from tanxun.listing.files import TYPES, Order, order
from tanxun.listing.models import SavedFilter
from tanxun.listing.page import InvalidParametersError, UnknownPageError, find

from . import broken
from .duties import attempt
from .mail import Mail, drawn
from .models import Channel, Message, ScheduledExport
from .planning import CLOCK_JUMP, HOUR
from .sending import Moot, Undelivered
from .unsubscribing import address_of

MOST_BYTES = 7_000_000  # in a mail it is a third larger, and many servers take 10 MB
MOST_ROWS = 100_000  # beyond that no file is small enough


def plan() -> None:
    """Those whose day has come. Two that plan at once queue it once."""
    now = timezone.localtime()
    if now.hour < HOUR:
        return
    # A day that is further ahead than a week was set by a clock that was wrong.
    is_time = Q(next_on__lte=now.date()) | Q(next_on__gt=now.date() + dt.timedelta(days=7) + CLOCK_JUMP)
    due = ScheduledExport.objects.filter(is_time, is_paused=False, removed_at=None)
    for one in due.select_related("owner", "saved_filter"):
        with override(settings.LANGUAGE_CODE):
            attempt(plan_one, one, now.date())


def plan_one(export: ScheduledExport, today: dt.date) -> None:
    planned = export.next_on
    export.schedule(after=today)
    words, rows, messages = "", None, []
    try:
        rows = wanted(export, export.owner).sheets[0].narrowed.count()
        messages = [message_for(export, user.pk, today) for user in export.recipients.filter(is_active=True)]
        people = ngettext("%(count)s person", "%(count)s people", len(messages)) % {"count": len(messages)}
        words = _("%(rows)s to %(people)s") % {"rows": row_words(rows, export.last_rows), "people": people}
    except Moot as error:
        words = str(error)
        broken.look(export)
    with transaction.atomic():
        mine = ScheduledExport.objects.filter(pk=export.pk, next_on=planned, is_paused=False, removed_at=None)
        values = {"next_on": export.next_on, "last_at": timezone.now(), "last_words": words[:200]}
        if mine.update(**values, last_rows=export.last_rows if rows is None else rows):
            Message.objects.queue(messages)


def message_for(export: ScheduledExport, user: int, day: dt.date) -> Message:
    return Message(
        channel=Channel.MAIL,
        recipient=f"user-{user}",
        kind="export",
        key=f"export-{export.pk}-{day.isoformat()}",
        subject=export.saved_filter.name,
        payload={"export": export.pk, "before": export.last_rows},
    )


def wanted(export: ScheduledExport, reader: Any) -> Order:
    """The file as it is asked for now. Raises Moot where somebody's rights are gone, or the list understands it no more."""
    for person in (export.owner, reader):
        if not person.is_active or not person.has_perm(EXPORT_PERMISSION):
            raise Moot(_("%(person)s may not export any more.") % {"person": person})
    saved = SavedFilter.objects.visible_to(export.owner).filter(pk=export.saved_filter_id).first()
    if saved is None:
        raise Moot(_("The saved filter is no longer there, or no longer shared."))
    try:
        return replace(order(find(saved.page), export.ending, QueryDict(saved.query), reader), name=saved.name)
    except (InvalidParametersError, UnknownPageError):
        raise Moot(_("The list no longer understands the saved filter: set it anew.")) from None


def make(message: Message, user: Any) -> Mail:
    """Raises Moot, or Undelivered."""
    export = ScheduledExport.objects.select_related("owner", "saved_filter").filter(pk=message.payload["export"]).first()
    if export is None or export.removed_at or export.is_paused:
        raise Moot(_("This export by mail was ended or paused."))
    try:
        asked = wanted(export, user)
    except Moot:
        broken.look(export)
        raise
    rows, files = written(asked, user)
    words = row_words(rows, message.payload["before"])
    place = f"{settings.SITE_URL}{reverse('exports')}"
    if not files:
        have_written(message, asked, user)
    context = {
        "name": export.saved_filter.name,
        "title": asked.title,
        "words": words,
        "url": asked.link,
        "place": "" if files else place,
        "by": str(export.owner),
        "language": get_language(),
        "stop_url": address_of(user),
        "saved_url": f"{settings.SITE_URL}{reverse('saved')}",
    }
    lines = [f"{context['title']} · {context['name']}", words, asked.link, ""]
    if not files:
        lines += [_("The file is too large for a mail. It is being written and stands here for a week:"), place, ""]
    lines += [
        _("Set up by %(person)s.") % {"person": export.owner},
        _("No more mails: %(url)s") % {"url": context["stop_url"]},
    ]
    return Mail(f"{export.saved_filter.name}: {words}", "\n".join(lines), drawn("alerts/export_mail.html", context), files)


def have_written(message: Message, asked: Order, user: Any) -> None:
    """By a job of theirs, the same one however often the mail is tried. Raises Undelivered."""
    if Job.objects.filter(pk=message.payload.get("job")).exists():
        return
    try:
        job = start_export(asked, user)
    except JobError as error:
        raise Undelivered(str(error)) from None
    message.payload["job"] = str(job.pk)
    message.save(update_fields=["payload"])


def written(asked: Order, user: Any) -> tuple[int, list[tuple[str, bytes, str]]]:
    """How many rows, and the file; none where it is too large."""
    rows = asked.sheets[0].narrowed.count()
    if rows > MOST_ROWS:
        return rows, []
    with tempfile.TemporaryDirectory(prefix="tanxun-export-") as folder:
        path = Path(folder) / "file"
        rows = asked.write(path, str(user))
        if path.stat().st_size > MOST_BYTES:
            return rows, []
        return rows, [(asked.file_name, path.read_bytes(), TYPES[asked.ending])]


def row_words(rows: int, before: int | None) -> str:
    """How many, and how many more or fewer than in the last file."""
    words = ngettext("%(count)s row", "%(count)s rows", rows) % {"count": f"{rows:,}"}
    if before is None:
        return words
    return _("%(rows)s (%(delta)s since the last)") % {"rows": words, "delta": f"{rows - before:+,}" if rows != before else "±0"}


def possible_recipients() -> Any:
    """Who may be sent files: by role, as the contract has it; the right itself is asked again when a file goes out."""
    people = get_user_model().objects.filter(is_active=True)
    return (people.filter(role="manager") | people.filter(is_superuser=True)).order_by("username")
