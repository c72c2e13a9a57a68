"""Large files: written by a job, kept for a week, fetched at `/exports/` by who asked for them and by nobody else."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required, permission_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tanxun.jobs.attempt import Attempt, Interrupted, JobError
from tanxun.jobs.models import KEPT, Job, State
from tanxun.jobs.queue import start, work

from .access import EXPORT_PERMISSION
from .files import TYPES, Order, order, whole
from .page import InvalidParametersError, UnknownPageError, find

SHOWN = 100
LONGEST_PLACE = 200


def folder() -> Path:
    return Path(settings.DATA_DIR) / "exports"


@work
def write_export(job: Attempt, page: str, ending: str, query: str, layout: str, *, name: str = "") -> None:
    """Write one file; the question is read again, with the rights that its owner has now. Earlier versions gave no `name`."""
    user = job.require(EXPORT_PERMISSION)
    try:
        wanted = replace(order(find(page), ending, QueryDict(query), user, layout), name=name)
    except (InvalidParametersError, UnknownPageError):
        raise JobError(_("The list no longer understands this filter: set it anew and export again.")) from None
    folder().mkdir(parents=True, exist_ok=True)
    for left_over in folder().glob(f"{job.pk}-*"):  # of an attempt whose worker was killed
        left_over.unlink(missing_ok=True)
    target = folder() / f"{job.pk}-{job.token}.{ending}"
    with whole(target) as unfinished:
        wanted.write(unfinished, str(user), lambda done, total: job.progress(done, total, _("Writing rows")))
    try:
        with job.effect():
            url = reverse("export-file", args=[job.pk])
            job.result |= {
                "file": target.name,
                "name": wanted.file_name,
                "words": wanted.file_name,
                "url": url,
                "label": _("Download"),
            }
    except Interrupted:
        target.unlink(missing_ok=True)
        raise


def remove_old(go_on: Callable[[], bool] = lambda: True) -> None:
    """Files that can be fetched no more, and what a killed worker left unfinished. One of settings.WORKER_DUTIES."""
    oldest = time.time() - KEPT.total_seconds()
    for file in folder().glob("*"):
        with suppress(FileNotFoundError):  # another worker does the same
            if go_on() and file.stat().st_mtime < oldest:
                file.unlink()


def start_export(wanted: Order, owner: Any) -> Job:
    """The job that writes it; the one that does already. Raises JobError."""
    arguments = {
        "page": wanted.page.slug,
        "ending": wanted.ending,
        "query": wanted.asked,
        "layout": wanted.layout.slug if wanted.layout else "",
        "name": wanted.name,
    }
    title = _("%(title)s as %(format)s") % {"title": wanted.name or wanted.title, "format": wanted.ending.upper()}
    place = wanted.link.removeprefix(settings.SITE_URL)
    return start(write_export, owner, title, arguments, place if len(place) <= LONGEST_PLACE else reverse(wanted.page.slug))


@require_safe
@permission_required(EXPORT_PERMISSION, raise_exception=True)
def mine(request: HttpRequest) -> HttpResponse:
    return listed(request, "listing/exports.html")


@require_safe
@permission_required(EXPORT_PERMISSION, raise_exception=True)
def rows(request: HttpRequest) -> HttpResponse:
    """The rows alone, for the page that is open."""
    return listed(request, "jobs/_rows.html")


def listed(request: HttpRequest, template: str) -> HttpResponse:
    jobs = list(Job.objects.of(request.user).filter(kind=write_export.module_path)[:SHOWN])
    context = {
        "jobs": jobs,
        "is_open": any(job.is_open for job in jobs),
        "most": SHOWN,
        "poll_address": reverse("exports-rows"),
        "page_address": reverse("exports"),
    }
    return render(request, template, context)


@login_not_required
@require_safe
def download(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """The file, to its owner while they may export; to everybody else it does not exist."""
    if not request.user.has_perm(EXPORT_PERMISSION):
        raise Http404
    job = get_object_or_404(Job.objects.of(request.user), pk=pk, kind=write_export.module_path, state=State.DONE)
    try:
        file = (folder() / job.result["file"]).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = job.result["name"]
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[name.rpartition(".")[2]])


def export_urls() -> list[URLPattern]:
    return [
        path("exports/", mine, name="exports"),
        path("exports/rows/", rows, name="exports-rows"),
        path("exports/<uuid:pk>/", download, name="export-file"),
    ]
