"""The page of feeds: what is read, what came of it, a file, a new address. For reviewers; GET writes nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from tanxun.jobs.attempt import JobError

from ..sources import SourceError
from ..views import ReviewerMixin
from . import tasks
from .forms import FeedFileForm, FeedForm
from .intake import Taken, take_file
from .models import FeedSource
from .parsing import MOST_BYTES


class FeedsView(ReviewerMixin, View):
    """GET shows; POST brings in a file (`file` is sent), else adds an address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(FeedForm(label_suffix=""), FeedFileForm(label_suffix=""))

    def show(self, form: FeedForm, file_form: FeedFileForm, status: int = 200) -> HttpResponse:
        sources = list(FeedSource.objects.annotate(entry_count=Count("entries")))
        jobs = [job for source in sources if (job := tasks.reading(source, self.reviewer))]
        context: dict[str, Any] = {
            "sources": sources,
            "jobs": jobs,
            "is_any_open": any(job.is_open for job in jobs),
            "form": form,
            "file_form": file_form,
            "is_fetching": settings.FEED_FETCH,
        }
        return render(self.request, "digest/feeds.html", context, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.take_file(request) if "upload" in request.POST else self.add(request)

    def take_file(self, request: HttpRequest) -> HttpResponse:
        form = FeedFileForm(request.POST, request.FILES, label_suffix="")
        if not form.is_valid():
            return self.show(FeedForm(label_suffix=""), form, 422)
        upload = form.cleaned_data["file"]
        try:
            taken = take_file(upload.name, upload.read(MOST_BYTES + 1), self.reviewer)
        except SourceError as error:
            form.add_error("file", str(error))
            return self.show(FeedForm(label_suffix=""), form, 422)
        return said(request, taken)

    def add(self, request: HttpRequest) -> HttpResponse:
        form = FeedForm(request.POST, label_suffix="")
        if not form.is_valid():
            return self.show(form, FeedFileForm(label_suffix=""), 422)
        form.instance.created_by = self.reviewer
        source = form.save()
        messages.success(request, _("“%(name)s” was added.") % {"name": source})
        return redirect("digest:feeds")


def said(request: HttpRequest, taken: Taken) -> HttpResponse:
    """To the desk where something came in."""
    if taken.newsletter is None:
        messages.warning(request, taken.words)
        return redirect("digest:feeds")
    messages.success(request, taken.words)
    return redirect(taken.newsletter)


class FeedView(ReviewerMixin, View):
    """What the buttons beside one feed do: read now, stop or go on reading it daily, remove it (what came in stays)."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = get_object_or_404(FeedSource, pk=pk)
        action = request.POST.get("action", "")
        if action == "read":
            try:
                tasks.start_reading(source, self.reviewer)
            except JobError as error:
                messages.error(request, str(error))
        elif action in ("pause", "go_on"):
            source.is_active = action == "go_on"
            source.save(update_fields=["is_active"])
        elif action == "remove":
            source.delete()
            words = _("“%(name)s” was removed: %(address)s. What came in from it stays.")
            messages.success(request, words % {"name": source, "address": source.address})
        return redirect("digest:feeds")
