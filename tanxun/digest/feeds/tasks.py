"""“Read now”, in the background: a server may be slow, and drafts take a moment each."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.urls import reverse
from django.utils.translation import gettext as _

from tanxun.jobs.attempt import Attempt, JobError
from tanxun.jobs.models import Job
from tanxun.jobs.queue import start, work

from ..sources import SourceError
from .intake import take_source
from .models import FeedSource


@work
def read_feed(job: Attempt, source: int) -> dict[str, Any]:
    """Each entry comes in once, however often this runs: so the whole may be repeated."""
    user = job.require("site.review_drafts")
    found = FeedSource.objects.filter(pk=source).first()
    if found is None:
        raise JobError(_("The feed was deleted: there is nothing left to read."))
    job.check()
    try:
        taken = take_source(found, user)
    except SourceError as error:
        raise JobError(str(error)) from None
    if taken.newsletter is None:
        return {"words": taken.words}
    return {"words": taken.words, "url": taken.newsletter.get_absolute_url(), "label": _("Review them")}


def start_reading(source: FeedSource, user: AbstractUser) -> Job:
    """Raises JobError."""
    title = _("Read the feed: %(name)s") % {"name": source}
    return start(read_feed, user, title, {"source": source.pk}, place=reverse("digest:feeds"))


def reading(source: FeedSource, user: AbstractUser) -> Job | None:
    """Their job on this feed, for the hint on the page."""
    return Job.objects.latest_of(user, read_feed, {"source": source.pk})
