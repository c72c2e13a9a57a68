"""What the review desk has done in the background."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext as _

from tanxun.jobs.attempt import Attempt, JobError
from tanxun.jobs.models import Job
from tanxun.jobs.queue import start, work
from tanxun.records.proposals import as_approved, shown_of

from . import intake
from .desk import address
from .entry import open_draft
from .models import Newsletter

# A page that accepts these answers within two seconds or so; of more, a person wants to see how far it is.
AT_ONCE = 50


@work
@as_approved
def accept_all(job: Attempt, newsletter: int) -> dict[str, Any]:
    """`intake.accept_all`, each draft in a step of its own: what was accepted stays, however the job ends."""
    user = job.require("site.review_drafts")
    issue = Newsletter.objects.filter(pk=newsletter).first()
    if issue is None:
        raise JobError(_("The newsletter was deleted: there is nothing left to accept."))
    outcome = intake.Outcome(accepted=job.result.get("accepted", 0), merged=job.result.get("merged", 0))
    drafts, shown = intake.pending(issue), shown_of(job)
    if shown and "drafts" in shown:  # a question that has gone since leaves a draft that nobody approved
        drafts = [draft for draft in drafts if draft.pk in shown["drafts"]]
    before = outcome.accepted  # by attempts that were interrupted
    for number, draft in enumerate(drafts, 1):
        entry = open_draft(draft).as_sent()
        with job.step():
            intake.accept_or_leave(entry, user, outcome)
            job.result |= {"accepted": outcome.accepted, "merged": outcome.merged}
        job.progress(before + number, before + len(drafts))
    words = " ".join(filter(None, (outcome.words, outcome.words_left)))
    url = address(outcome.left[0][0]) if outcome.left else issue.get_absolute_url()
    return {"words": words, "url": url, "label": _("Show the newsletter as it is now")}


def start_accepting(issue: Newsletter, user: AbstractUser) -> Job:
    """Raises JobError."""
    title = _("Accept what has no questions: %(issue)s") % {"issue": issue}
    return start(accept_all, user, title, {"newsletter": issue.pk}, place=issue.get_absolute_url())


def accepting(issue: Newsletter, user: AbstractUser) -> Job | None:
    """Their job on this newsletter, for the hint on the desk."""
    return Job.objects.latest_of(user, accept_all, {"newsletter": issue.pk})
