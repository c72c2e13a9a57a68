"""The newsletter's way in: the text as it came, one draft for every record it may become, market news, words for the reader."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tanxun.records.models import DerivedQuerySet, LiveManager, Record, Section
from tanxun.records.proposals import Proposal
from tanxun.search.fold import fold
from tanxun.search.queries import IndexedQuerySet
from tanxun.search.texts import Text

from .digests import Digest
from .passages import sentences, spans_of

__all__ = ["Digest", "Draft", "NewsItem", "Newsletter", "ReaderWord", "Section"]

if TYPE_CHECKING:
    from certifications.models import VerificationStatement
    from policies.models import Policy


class Newsletter(models.Model):
    """A text that came in. The same text twice is one row; an edited reissue points to the one it `replaces`."""

    text = models.TextField(_("text"), editable=False)
    text_hash = models.CharField(max_length=64, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=300, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    reference_date = models.DateField(_("reference date"))
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    report = models.JSONField(_("reading report"), default=dict, editable=False)
    replaces = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="reissues", verbose_name=_("reissue of")
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("brought in by"))
    created_at = models.DateTimeField(_("brought in at"), auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name, verbose_name_plural = _("newsletter"), _("newsletters")

    def __str__(self) -> str:
        return self.title or _("Newsletter of %(date)s") % {"date": self.reference_date}

    def get_absolute_url(self) -> str:
        return reverse("digest:review", args=[self.pk])

    @staticmethod
    def hash_of(text: str) -> str:
        """Fingerprint of a cleaned text; blanks and empty lines at the ends of lines do not count."""
        lines = (line.strip() for line in text.splitlines())
        return hashlib.sha256("\n".join(filter(None, lines)).encode()).hexdigest()


def whole_item(text: str, start: int, end: int) -> str:
    return text[start:end]


def telling_sentences(text: str, start: int, end: int, fields: dict[str, Any]) -> str:
    """The sentences that one draft was read from: what the item says of other companies is theirs."""
    spans = [span for span in spans_of(fields) if span[0] != "section"]
    return "\n".join("".join(piece.text for piece in one.pieces) for one in sentences(text, start, end, spans) if one.says)


class Draft(models.Model):
    """One record that an item may become. Items with several statements make several drafts (`part`).

    `fields` is {name: {"value", "spans": [[start, end]…], "confidence", "reason"}}; spans point into the newsletter's text.
    `questions` is [{"field", "question", "candidates": [{"id", "label", "reason"}]}]: what a person must decide before it may be
    accepted unseen. Accepting points to the record made, so provenance is one hop.
    `corrections` is {field: [read, accepted]} of what the reviewer changed ({"reason": why} of a skipped draft); `is_seen` is
    False where accept-all took the draft without a look at it, so that nobody vouches for its reading.
    """

    class Kind(models.TextChoices):
        POLICY = "policy", _("policy")
        STATEMENT = "statement", _("statement")
        REPORT = "report", _("report")
        OTHER = "other", _("other news")

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        ACCEPTED = "accepted", _("accepted")
        MERGED = "merged", _("merged")
        REJECTED = "rejected", _("skipped")
        SUPERSEDED = "superseded", _("superseded")

    newsletter = models.ForeignKey(Newsletter, models.CASCADE, related_name="drafts", verbose_name=_("newsletter"))
    order = models.PositiveSmallIntegerField(_("item"))
    part = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    section = models.CharField(_("section"), max_length=10, choices=Section)
    headline = models.CharField(_("headline"), max_length=300)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    text_hash = models.CharField(max_length=64, db_index=True)
    fields = models.JSONField(default=dict)
    questions = models.JSONField(default=list)
    needs_person = models.CharField(max_length=300, blank=True)
    changed_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="changed_to")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    corrections = models.JSONField(default=dict)
    is_seen = models.BooleanField(default=True, editable=False)
    statement = models.ForeignKey(
        "certifications.VerificationStatement", models.PROTECT, null=True, blank=True, related_name="drafts"
    )
    policy = models.ForeignKey("policies.Policy", models.PROTECT, null=True, blank=True, related_name="drafts")
    news_item = models.ForeignKey("NewsItem", models.PROTECT, null=True, blank=True, related_name="drafts")
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="reviewed_drafts"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    objects = IndexedQuerySet.as_manager()

    search_lends = {
        "statement": Text("", "newsletter__text", "start", "end", "fields", words=telling_sentences),
        "policy": Text("", "newsletter__text", "start", "end", words=whole_item),
    }

    class Meta:
        ordering = ("newsletter", "order", "part")
        verbose_name, verbose_name_plural = _("draft"), _("drafts")
        indexes = [models.Index(fields=["status", "newsletter"], name="draft_status")]
        constraints = [
            models.UniqueConstraint(fields=["newsletter", "order", "part"], name="draft_once_per_item_part"),
            models.CheckConstraint(
                condition=~Q(status__in=["accepted", "merged"])
                | Q(statement__isnull=False)
                | Q(policy__isnull=False)
                | Q(news_item__isnull=False),
                name="draft_accepted_points_to_record",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def text(self) -> str:
        """The item as printed: heading and body."""
        return self.newsletter.text[self.start : self.end]

    @property
    def told(self) -> dict[str, str]:
        """{"on": day, "link": address} where the item came as an entry of a feed, else {}."""
        found: dict[str, str] = self.newsletter.report.get("entries", {}).get(str(self.order), {})
        return found

    @property
    def source_on(self) -> dt.date:
        """What completes its dates: the day of its entry, else the reference date of the newsletter."""
        day = self.told.get("on")
        return dt.date.fromisoformat(day) if day else self.newsletter.reference_date

    @property
    def record(self) -> VerificationStatement | Policy | NewsItem | None:
        """The record made from this draft, or None."""
        return self.statement or self.policy or self.news_item

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING


def waiting_for_approval(newsletter: Newsletter) -> dict[int, Proposal]:
    """What a second person has to decide about drafts of that newsletter, by their keys."""
    mark = f"{Draft._meta.label_lower}-"
    found: dict[int, Proposal] = {}
    for proposal in Proposal.objects.waiting().filter(path__startswith=newsletter.get_absolute_url()).defer("data", "told"):
        keys = [line.removeprefix(mark) for line in proposal.touches.split() if line.startswith(mark)]
        found |= {int(key): proposal for key in keys}
    return found


class NewsItem(Record):
    """Market news: neither policy nor statement (an index report, a training course, foreign news)."""

    class Kind(models.TextChoices):
        REPORT = "report", _("report")
        OTHER = "other", _("other news")

    headline = models.CharField(_("headline"), max_length=300)
    headline_folded = models.CharField(max_length=300, editable=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    section = models.CharField(_("section"), max_length=10, choices=Section)
    text = models.TextField(_("text"))
    announced_on = models.DateField(_("announced on"), null=True, blank=True)
    history = HistoricalRecords()
    objects = LiveManager.from_queryset(DerivedQuerySet)()  # type: ignore[misc, assignment]
    with_deleted = DerivedQuerySet.as_manager()

    derived_fields = {**Record.derived_fields, "headline_folded": ("headline",)}
    date_fields = ("announced_on",)
    search_texts = (Text("", "headline", is_name=True), Text("", "text"))

    class Meta:
        ordering = ("-dated_on", "-pk")
        verbose_name, verbose_name_plural = _("news item"), _("news items")
        indexes = [
            models.Index(fields=["-dated_on", "-id"], name="newsitem_dated"),
            models.Index(fields=["week_on"], name="newsitem_week"),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        return reverse("digest:news_item", args=[self.pk])

    def derive(self) -> None:
        super().derive()
        self.headline_folded = fold(self.headline)[:300]


class ReaderWord(models.Model):
    """A word that the reader knows and that is no name of a record: a park, a short form in authorities' names, a country.

    The shipped ones are loaded by `tanxun.site.reference`; from then on these rows say what is read.
    """

    class Kind(models.TextChoices):
        PARK = "park", _("park or new area")
        ORGAN = "organ", _("short form in names of authorities")
        ABROAD = "abroad", _("foreign country or international organisation")

    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind,
        help_text=_("Names of bodies, topics and statement types are kept with those"),
    )
    word = models.CharField(
        _("word"), max_length=60, help_text=_("As texts print it: 前海 (park), 发改委 (short form), 国际海事组织 (organisation)")
    )
    full_form = models.CharField(
        _("full form"), max_length=100, blank=True, help_text=_("Short forms only: 发展和改革委员会 for 发改委")
    )
    region = models.ForeignKey(
        "regions.Region",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("region"),
        help_text=_("Parks only: who governs it, such as 深圳市 for 前海; the province where several cities do"),
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ("kind", "word")
        verbose_name, verbose_name_plural = _("word for the reader"), _("words for the reader")
        constraints = [models.UniqueConstraint(fields=["kind", "word"], name="reader_word_once")]

    def __str__(self) -> str:
        return self.word

    def clean(self) -> None:
        """Each kind has its own second column, and a word of one character would be found everywhere."""
        super().clean()
        self.word, self.full_form = self.word.strip(), self.full_form.strip()
        errors = {}
        if len(self.word) < 2:
            errors["word"] = _("A word for the reader has two characters or more.")
        if bool(self.region_id) != (self.kind == self.Kind.PARK):
            errors["region"] = _("A park has a region, other words have none.")
        if bool(self.full_form) != (self.kind == self.Kind.ORGAN):
            errors["full_form"] = _("A short form has a full form, other words have none.")
        if errors:
            raise ValidationError(errors)


from .feeds.models import FeedEntry, FeedSource  # noqa: E402, F401 - models of this app
