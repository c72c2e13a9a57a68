"""`/jobs/`: a person's own jobs with their progress; nobody else's exist for them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .models import Job, State
from .queue import cancel

SHOWN = 100


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    return listed(request, "jobs/mine.html")


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The rows alone, for the page that is open."""
    return listed(request, "jobs/_rows.html")


def listed(request: HttpRequest, template: str) -> HttpResponse:
    jobs = list(Job.objects.of(request.user)[:SHOWN])
    return render(request, template, {"jobs": jobs, "is_open": any(job.is_open for job in jobs), "most": SHOWN})


@require_safe
def hint(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far one job is, for the page where it was started."""
    return render(request, "jobs/_hint.html", {"job": own(request, pk)})


@require_POST
def stop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask it to stop; then to the list, which shows how it ended."""
    job = own(request, pk)
    cancel(job)
    job.refresh_from_db()
    if job.state == State.CANCELLED or job.is_open:
        messages.success(request, _("Stopping: %(title)s") % {"title": job.title})
    else:
        messages.warning(request, _("It was over already: %(title)s") % {"title": job.title})
    return redirect("jobs:mine")


@require_POST
def close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put the hint away, back to where it stood."""
    job = own(request, pk)
    Job.objects.filter(pk=job.pk).update(is_read=True)
    return redirect(job.place or "jobs:mine")


def own(request: HttpRequest, pk: uuid.UUID) -> Job:
    return get_object_or_404(Job.objects.of(request.user), pk=pk)
