"""The inbox, the review desk and the page of a news item. Every action is a plain form; nothing is written by a GET."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from django.views.generic import FormView, TemplateView

from certifications.forms import StatementEntryForm
from certifications.models import StatementType
from policies.models import Topic
from tanxun.jobs.attempt import JobError
from tanxun.listing.detail import RecordView
from tanxun.listing.parameters import KEY

from . import accuracy, intake, kinship, panels, review, sources, tasks
from .desk import address, open_desk
from .duplicates import Accepted
from .entry import Entry, open_draft
from .forms import IncomingForm
from .models import Draft, NewsItem, Newsletter

PER_PAGE = 30
PENDING = Q(drafts__status=Draft.Status.PENDING)


class ReviewerMixin(PermissionRequiredMixin):
    permission_required = "site.review_drafts"
    raise_exception = True
    request: HttpRequest

    @property
    def reviewer(self) -> AbstractUser:
        """Who is signed in: the permission lets nobody else through."""
        return cast(AbstractUser, self.request.user)


class InboxView(ReviewerMixin, FormView):
    """Paste or upload an issue; the issues that came in, with what is still to review."""

    template_name = "digest/inbox.html"
    form_class = IncomingForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = {
            "pending": Count("drafts", filter=PENDING),
            "asked": Count("drafts", filter=PENDING & ~Q(drafts__questions=[])),
            "total": Count("drafts", filter=~Q(drafts__status=Draft.Status.SUPERSEDED)),
        }
        issues = (
            Newsletter.objects.defer("text", "report")
            .annotate(**counts)
            .select_related("created_by")
            .order_by("-created_at", "-pk")
        )
        page = Paginator(issues, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(issues=page, **kwargs)

    def form_valid(self, form: IncomingForm) -> HttpResponse:
        upload = form.cleaned_data["file"]
        name, content = (upload.name, upload.read(sources.MAX_FILE_BYTES + 1)) if upload else ("", form.cleaned_data["text"])
        try:
            result = intake.bring_in(name, content, reference_date=form.cleaned_data["reference_date"], user=self.reviewer)
        except sources.SourceError as error:
            form.add_error("file" if upload else "text", str(error))
            return self.form_invalid(form)
        level = messages.SUCCESS if result.created else messages.WARNING
        messages.add_message(self.request, level, said(result))
        return redirect(result.newsletter)

    def form_invalid(self, form: IncomingForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def said(result: intake.Result) -> str:
    """What came of bringing a text in."""
    if not result.created:
        return _("This text came in before: nothing was added.")
    words = ngettext("%(count)s draft to review.", "%(count)s drafts to review.", result.draft_count)
    parts = [words % {"count": result.draft_count}]
    if result.newsletter.replaces:
        again = _("An edited reissue of “%(title)s”: items unchanged %(unchanged)s, drafts changed %(changed)s.")
        values = {"title": result.newsletter.replaces, "unchanged": result.unchanged, "changed": result.changed}
        parts.append(again % values)
    return " ".join(parts)


class DeskView(ReviewerMixin, View):
    """One newsletter. `?draft=` is the item in focus, `?as=` what the reviewer takes it for; actions come by POST."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(
            get_object_or_404(Newsletter, pk=pk), wanted=request.GET.get("draft", ""), kind=request.GET.get("as", "")
        )

    def show(self, issue: Newsletter, status: int = 200, work: review.WorkedOn | None = None, **kwargs: Any) -> HttpResponse:
        desk = open_desk(issue, **kwargs)
        job = tasks.accepting(issue, self.reviewer)
        context = {"desk": desk, "issue": issue, "kinds": Draft.Kind.choices, "job": job, "work": work}
        return render(self.request, "digest/desk.html", context, status=status)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        issue = get_object_or_404(Newsletter, pk=pk)
        action, _colon, record_key = request.POST.get("action", "").partition(":")
        if action == "accept_all":
            return self.accept_all(issue)
        wanted = request.POST.get("draft", "")
        key = wanted if KEY.fullmatch(wanted) else 0
        draft = get_object_or_404(issue.drafts.select_related("changed_from"), pk=key)
        draft.newsletter = issue
        try:
            return self.act(draft, action, record_key)
        except review.AlreadyReviewed as error:
            messages.error(request, str(error))
            return self.show(issue, 409, wanted=wanted, entry=self.typed(error.draft, issue))
        except review.WorkedOn as work:
            messages.warning(request, str(work))
            return self.show(issue, 409, work, wanted=wanted)
        except ValidationError as error:
            for message in error.messages:
                messages.error(request, message)
            return redirect(address(draft))

    def act(self, draft: Draft, action: str, record_key: str) -> HttpResponseBase:
        user = self.reviewer
        if action == "skip":
            review.skip(draft, user, self.request.POST.get("reason", ""))
            return self.onward(draft, _("Skipped: %(headline)s"))
        if action == "undo":
            review.undo(draft, user, self.request.POST.get("mark", ""))
            messages.success(self.request, _("Taken back: the item is open again."))
            return redirect(address(draft))
        entry = self.typed(draft, draft.newsletter)
        if action not in ("accept", "merge") or "edit_again" in self.request.POST or not entry.form.is_valid():
            return self.show(draft.newsletter, 422, wanted=str(draft.pk), entry=entry)
        if action == "merge":
            return self.merge(entry, record_key)
        seen = set(self.request.POST.getlist("seen"))
        if draft.is_pending and any(str(twin.record.pk) not in seen for twin in entry.twins):
            messages.warning(
                self.request, _("Perhaps already recorded: compare below, then merge, or accept again to keep both.")
            )
            return self.show(draft.newsletter, 409, wanted=str(draft.pk), entry=entry)
        return self.write(entry, lambda: review.accept(draft, entry, user), _("Accepted: %(headline)s"))

    def merge(self, entry: Entry, record_key: str) -> HttpResponseBase:
        draft, user = entry.draft, self.reviewer
        record = next((twin.record for twin in entry.twins if str(twin.record.pk) == record_key), None)
        if record is None:
            messages.error(self.request, _("That record is no longer like this item: look again."))
            return self.show(draft.newsletter, 409, wanted=str(draft.pk), entry=entry)
        take = tuple(self.request.POST.getlist(f"take-{record_key}"))
        return self.write(entry, lambda: review.merge(draft, entry, record, user, take), _("Merged: %(headline)s"))

    def write(self, entry: Entry, work: Any, words: str) -> HttpResponseBase:
        """Do `work`; what the record's own rules refuse stands beside its field, and what was typed stays."""
        try:
            record: Accepted = work()
        except ValidationError as error:
            for name, found in (error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}).items():
                entry.form.add_error(name if name in entry.form.fields else None, found)
            return self.show(entry.draft.newsletter, 422, wanted=str(entry.draft.pk), entry=entry)
        self.tell_of_region(entry)
        return self.onward(entry.draft, words, record)

    def tell_of_region(self, entry: Entry) -> None:
        """A company keeps the region that it has: who typed another is told so, and where to change it."""
        form = entry.form
        if isinstance(form, StatementEntryForm) and "region" in form.changed_data and (known := form.kept_region):
            words = _("%(company)s keeps its region %(known)s: %(typed)s was not written. Change it on the page of the company.")
            values = {"company": form.known_company, "known": known, "typed": form.cleaned_data["region"]}
            messages.warning(self.request, words % values)

    def onward(self, draft: Draft, words: str, record: Accepted | None = None) -> HttpResponseBase:
        """To the next pending item after this one, else to the first, else stay."""
        messages.success(self.request, words % {"headline": record or draft.headline})
        pending = list(draft.newsletter.drafts.filter(status=Draft.Status.PENDING).order_by("order", "part"))
        later = [each for each in pending if (each.order, each.part) > (draft.order, draft.part)]
        return redirect(address(next(iter([*later, *pending]), draft)))

    def accept_all(self, issue: Newsletter) -> HttpResponseBase:
        """Few at once; many in the background, with the progress on this page."""
        if issue.drafts.filter(status=Draft.Status.PENDING).count() > tasks.AT_ONCE:
            try:
                tasks.start_accepting(issue, self.reviewer)
            except JobError as error:
                messages.error(self.request, str(error))
            return redirect(issue)
        outcome = intake.accept_all(issue, self.reviewer)
        messages.success(self.request, outcome.words)
        if outcome.left:
            messages.warning(self.request, outcome.words_left)
        return redirect(address(outcome.left[0][0]) if outcome.left else issue)

    def typed(self, draft: Draft, issue: Newsletter) -> Entry:
        """The draft with what the reviewer sent."""
        draft.newsletter = issue
        return open_draft(draft, self.request.POST.get("kind", ""), self.request.POST)


class LinksView(ReviewerMixin, View):
    """What a reviewer decides about the links that the source of an accepted policy proposes; back to the policy then."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = get_object_or_404(Draft.objects.select_related("policy"), pk=pk, policy__deleted_at__isnull=True)
        if draft.policy is None:
            raise Http404
        try:
            made = kinship.decide(draft, set(request.POST.getlist("take")))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(draft.policy)
        if made is None:
            messages.warning(request, _("These links were decided on already."))
        else:
            words = ngettext("%(count)s link taken.", "%(count)s links taken.", made)
            messages.success(request, words % {"count": made})
        return redirect(draft.policy)


class AccuracyView(ReviewerMixin, TemplateView):
    """How often the reader was right over the last twelve months: the figures of `reader_report`."""

    template_name = "digest/accuracy.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = accuracy.measured(timezone.localdate() - dt.timedelta(days=365))
        names = dict([*StatementType.objects.values_list("slug", "name"), *Topic.objects.values_list("slug", "name")])
        groups = [
            (accuracy.TITLES[group], [(panels.label(name), tally) for name, tally in rows]) for group, rows in found.groups()
        ]
        changes = [
            {
                "count": len(alike),
                "label": panels.label(alike[0].field),
                "read": accuracy.in_words(alike[0].read, names),
                "accepted": accuracy.in_words(alike[0].accepted, names),
                "places": [(one.draft, address(one.draft)) for one in alike[:3]],
            }
            for alike in found.frequent(20)
        ]
        return super().get_context_data(found=found, groups=groups, changes=changes, **kwargs)


class NewsItemView(RecordView):
    """One piece of market news."""

    template_name = "digest/news_item.html"
    context_object_name = "item"
    queryset = NewsItem.objects.all()
