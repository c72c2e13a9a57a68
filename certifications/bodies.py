"""The list of verification bodies, with its filters above it."""

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tanxun.listing.charts import BarChart
from tanxun.listing.columns import Column
from tanxun.listing.options import ChoiceFilter
from tanxun.listing.page import ListPage
from tanxun.listing.parameters import FlagFilter, SearchFilter
from tanxun.listing.question import FilterSet

from .models import BodyAccreditation, VerificationBody
from .pages import count_and_latest


def is_accredited():
    """Bodies with an accreditation that has not run out."""
    running = Q(valid_until__isnull=True) | Q(valid_until__gte=timezone.localdate())
    return Q(Exists(BodyAccreditation.objects.filter(running, body=OuterRef("pk"))))


def kept_at(order):
    """When the first, or the last, entry of its history was written: a body has no moments of its own."""
    history = VerificationBody.history.model.objects.filter(id=OuterRef("pk"))
    return Subquery(history.order_by(order).values("history_date")[:1])


class BodyFilter(FilterSet):
    q = SearchFilter(label=_("Search"))
    kind = ChoiceFilter(label=_("Kind"), choices=VerificationBody.Kind.choices)
    accredited = FlagFilter(label=_("Accredited"), condition=is_accredited)

    class Meta:
        model = VerificationBody
        fields = []


class BodyPage(ListPage):
    slug, title = "bodies", _("Verification bodies")
    queryset = VerificationBody.objects.all()
    filterset_class = BodyFilter
    ordering = ("pinyin", "pk")
    detail = "certifications:body"
    facets = ("kind", "accredited")
    charts = (BarChart("kind", _("By kind")),)
    came_in, changed = "first_kept_at", "last_kept_at"
    empty_hint = _("Verification bodies are kept in the admin.")
    columns = (
        Column("name", _("Name"), path="name", kind="link", link="certifications:body", sort="pinyin"),
        Column("full_name", _("Full name"), path="full_name"),
        Column("kind", _("Kind"), path="kind", choices=VerificationBody.Kind.choices, sort="kind"),
        Column(
            "accreditors",
            _("Accredited by"),
            kind="list",
            many=lambda: (
                BodyAccreditation.objects.filter(body=OuterRef("pk")).order_by("accreditor", "pk").values(item=F("accreditor"))
            ),
        ),
        Column("statements", _("Statements"), path="statement_count", kind="number"),
        Column("latest_on", _("Latest statement"), path="latest_on", kind="date", missing=_("none yet")),
        Column("slug", _("Slug"), path="slug", shown=False),
        Column("name_en", _("English name"), path="name_en", shown=False),
        Column("website", _("Website"), path="website", shown=False),
    )

    def prepare(self, queryset, cleaned):
        return queryset.annotate(
            **count_and_latest("verification_body"), first_kept_at=kept_at("history_date"), last_kept_at=kept_at("-history_date")
        )
