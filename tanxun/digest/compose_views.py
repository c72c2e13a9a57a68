"""The editor's pages of the weekly: the weeks, one week's entries, its previews and files, and the question whether to freeze."""

from __future__ import annotations

import datetime as dt
from typing import cast

from csp.decorators import csp, csp_update
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.clickjacking import xframe_options_sameorigin

from . import editing, publisher, worksheet
from .digests import Digest
from .editing import ChangedMeanwhile, Wishes
from .formats import FORMATS, FormatError
from .formats.article import article
from .issue import Issue, Week
from .issue_files import answer
from .weeks import weeks
from .worksheet import Record, Told, laid_out, typed, wishes_of

PER_PAGE = 30
# The one page with styles in its elements: WeChat's. It runs nothing, fetches nothing, and stands in a frame of ours alone.
WECHAT_POLICY = {"default-src": "'none'", "style-src": "'unsafe-inline'", "frame-ancestors": "'self'", "sandbox": ""}


class ComposerMixin(PermissionRequiredMixin):
    permission_required = "digest.compose_digest"
    raise_exception = True
    request: HttpRequest

    @property
    def week(self) -> Week:
        """The week of the address. Raises Http404 where there is no such week."""
        try:
            return Week.parse(self.kwargs["week"])  # type: ignore[attr-defined]
        except (ValueError, OverflowError):
            raise Http404 from None

    @property
    def editor(self) -> AbstractUser:
        return cast(AbstractUser, self.request.user)


class WeeksView(ComposerMixin, View):
    """The weeks that have records or an issue, the latest first; `?week=` leads to any."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted, problem = request.GET.get("week", "").strip(), ""
        if wanted:
            try:
                return redirect("digest:compose", Week.parse(wanted).code)
            except (ValueError, OverflowError):
                problem = _("Give a week as 2026-W03.")
        page = Paginator(weeks(), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "wanted": wanted[:20],
            "problem": problem,
            "this_week": Week.of(timezone.localdate()).code,
            "last_week": Week.of(timezone.localdate() - dt.timedelta(days=7)).code,
        }
        return render(request, "digest/weeks.html", context, status=400 if problem else 200)


class ComposeView(ComposerMixin, View):
    """The entries of one week and what is chosen of them. All of it is one form; without script its buttons do the same."""

    def get(self, request: HttpRequest, week: str) -> HttpResponse:
        digest = editing.draft_of(self.week)
        if digest.is_frozen:
            return redirect(digest)
        return self.show(digest, Record.of(self.week), wishes_of(digest))

    @property
    def page(self) -> int:
        text = self.request.GET.get("page", "1")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1

    def show(self, digest: Digest, record: Record, wishes: Wishes, told: Told | None = None, status: int = 200) -> HttpResponse:
        sheet = laid_out(digest, record, wishes, self.page, told)
        waiting, newsletter = editing.pending(record.week)
        moved, _dash, key = self.request.GET.get("moved", "").partition("-")
        context = {
            "sheet": sheet,
            "digest": digest,
            "week": record.week,
            "waiting": waiting,
            "newsletter": newsletter,
            "moved": moved,
            "moved_key": key,
            "is_unsaved": status != 200,
            "may_freeze": self.editor.has_perm("digest.freeze_digest"),
            "most": {
                "title": editing.TITLE_LENGTH,
                "lead": editing.LEAD_LENGTH,
                "headline": editing.HEADLINE_LENGTH,
                "note": editing.NOTE_LENGTH,
            },
        }
        return render(self.request, "digest/compose.html", context, status=status)

    def post(self, request: HttpRequest, week: str) -> HttpResponseBase:
        record, digest = Record.of(self.week), editing.draft_of(self.week)
        version = request.POST.get("version", "")
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else -1
        base = self.seen_by_editor(digest, seen)
        wishes = typed(request.POST, base, record)
        try:
            if digest.is_frozen or digest.version != seen:
                raise ChangedMeanwhile(digest)
            editing.save(self.week, seen, wishes)
        except ChangedMeanwhile as meanwhile:
            return self.clash(record, meanwhile.digest, base, wishes)
        except ValidationError as error:
            errors = {name: " ".join(texts) for name, texts in error.message_dict.items()}
            messages.error(request, _("Not saved: see below."))
            return self.show(digest, record, wishes, Told(errors=errors), 422)
        return self.onward(record, wishes)

    def seen_by_editor(self, digest: Digest, version: int) -> Wishes:
        """What stood when this editor opened the page, by the history of the issue."""
        if digest.version == version or not digest.pk:
            return wishes_of(digest)
        then = digest.history.filter(version=version).order_by("-history_id").first()
        return wishes_of(then.instance) if then else Wishes()

    def clash(self, record: Record, digest: Digest, base: Wishes, mine: Wishes) -> HttpResponse:
        """Another editor was faster: nothing is written, all that was typed stands, what both changed is told."""
        if digest.is_frozen:
            messages.error(self.request, _("This issue was frozen meanwhile: nothing more goes into it."))
            return self.show(digest, record, mine, status=409)
        whole, theirs = worksheet.merged(base, wishes_of(digest), mine)
        messages.warning(
            self.request,
            _("Somebody else saved this issue meanwhile. Nothing is lost: look at what is marked, then save again."),
        )
        return self.show(digest, record, whole, Told(theirs), 409)

    def onward(self, record: Record, wishes: Wishes) -> HttpResponseBase:
        action, _colon, key = self.request.POST.get("action", "").partition(":")
        address = reverse("digest:compose", args=[self.week.code])
        if action == "preview":
            return redirect("digest:preview", self.week.code)
        if action in ("up", "down") and key in record.own:
            page = worksheet.page_of(key, wishes, record)
            return redirect(f"{address}?page={page}&moved={action}-{key}#entry-{key}")
        messages.success(self.request, _("Saved."))
        return redirect(f"{address}?page={self.page}" if self.page > 1 else address)


def misread(issue: Issue) -> list[tuple[str, str]]:
    """(headline, words) of the entries that would not be read back the same; of a very long issue none is tried."""
    if len(issue.entries) > publisher.TRIED:
        return []
    headlines = {entry.key: entry.headline for entry in issue.entries}
    return [(headlines[key], words) for key, words in publisher.misread(issue)]


@method_decorator(csp_update({"frame-src": ["'self'"]}), name="dispatch")
class PreviewView(ComposerMixin, View):
    """The issue as its readers will see it: `?as=` web, phone or wechat."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, week: str) -> HttpResponse:
        return self.shown(request, self.week)

    @staticmethod
    def shown(request: HttpRequest, week: Week, problem: str = "") -> HttpResponse:
        digest = editing.draft_of(week)
        chosen = request.GET.get("as", "web")
        context = {
            "week": week,
            "problem": problem,
            "digest": digest,
            "article": article(editing.issue_of(digest)),
            "chosen": chosen if chosen in ("web", "phone", "wechat") else "web",
            "ways": [("web", _("Web page")), ("phone", _("Phone")), ("wechat", _("WeChat"))],
            "files": [(name, made.label) for name, made in FORMATS.items()],
            "may_freeze": request.user.has_perm("digest.freeze_digest") and not digest.is_frozen,
        }
        return render(request, "digest/preview.html", context, status=503 if problem else 200)


class DraftFileView(ComposerMixin, View):
    """A draft in one of the formats, to be looked at or passed on before it is frozen."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, week: str, name: str) -> HttpResponseBase:
        try:
            return answer(editing.draft_of(self.week), name)
        except FormatError as error:
            return PreviewView.shown(request, self.week, problem=str(error))


@method_decorator([xframe_options_sameorigin, csp(WECHAT_POLICY)], name="dispatch")
class WeChatView(ComposerMixin, View):
    """WeChat's HTML by itself: what the preview frames and the copy button fetches."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, week: str) -> HttpResponseBase:
        return answer(editing.draft_of(self.week), "wechat", is_shown=True)


class FreezeView(ComposerMixin, View):
    """Asks before an issue is frozen, since that cannot be undone; what is frozen is what was shown here."""

    permission_required = "digest.freeze_digest"

    def get(self, request: HttpRequest, week: str) -> HttpResponse:
        digest = editing.draft_of(self.week)
        return redirect(digest) if digest.is_frozen else self.show(digest)

    def show(self, digest: Digest, status: int = 200) -> HttpResponse:
        issue = editing.to_be_frozen(digest)
        waiting, newsletter = editing.pending(self.week)
        context = {
            "week": self.week,
            "digest": digest,
            "issue": issue,
            "article": article(issue),
            "seen": editing.seal(issue),
            "waiting": waiting,
            "newsletter": newsletter,
            "misread": misread(issue),
        }
        return render(self.request, "digest/freeze.html", context, status=status)

    def post(self, request: HttpRequest, week: str) -> HttpResponseBase:
        try:
            digest = editing.freeze(self.week, self.editor, seen=request.POST.get("seen", "-"))
        except ChangedMeanwhile as meanwhile:
            if meanwhile.digest.is_frozen:
                messages.warning(request, _("This issue was frozen already."))
                return redirect(meanwhile.digest)
            messages.warning(request, _("The issue changed since you looked at it: look again, then freeze it."))
            return self.show(meanwhile.digest, 409)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("digest:compose", self.week.code)
        messages.success(request, _("Frozen and published."))
        return redirect(digest)
