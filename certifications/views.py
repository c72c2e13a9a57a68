"""The pages of one statement, one company and one verification body."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from django.db.models import Count, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from tanxun.listing.access import ReaderRequiredMixin
from tanxun.listing.columns import InOrder
from tanxun.listing.detail import Fact, RecordView, Value, dated, fact, facts, status_of, web_address
from tanxun.listing.figures import figure, short_figure
from tanxun.listing.linked import LinkedData

from .chain import chain, period_words
from .linked import as_certification, as_credential
from .market import last_years, market
from .merging import leading_on, merges_of
from .models import Company, EvidenceKind, Product, StatementType, Validity, VerificationBody, VerificationStatement
from .notes import NoteForm, NotesMixin
from .panels import named, table_rows
from .peers import around
from .profile import gaps, timeline

CLAIM = ("consultant", "certificate_number", "scheme", "standards", "engagement", "assurance_level", "replaces")
DATES = ("issued_on", "announced_on", "valid_until", "register_status", "register_checked_on")
MEMBERSHIP = ("programme", "tier", "batch", "list_stage", "recognised_by", "removed_on")
SOURCE = ("source_note", "source_url", "source_on", "created_at", "confirmed_on", "updated_at")
STATEMENTS_READ, STATEMENTS_SHOWN, LATEST = 300, 30, 10


class StatementView(RecordView):
    """Every field of a statement, in the order in which the news sentence reads."""

    template_name = "certifications/statement.html"
    context_object_name = "statement"
    describe, linked = as_certification, "certifications:statement-linked"
    queryset = VerificationStatement.objects.select_related(
        *("company__industry", "region", "statement_type", "verification_body", "consultant"),
        *("programme", "recognised_by", "replaces__company", "replaces__statement_type"),
    ).prefetch_related("products", "standards")

    def get_queryset(self) -> QuerySet[VerificationStatement]:
        """With the validity of today: not of the day on which the site was started."""
        return super().get_queryset().with_validity()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        statement = self.object
        return super().get_context_data(
            sentence=sentence(statement),
            claim=claim(statement),
            chain=chain(statement),
            results=results(statement),
            dates=[dated(statement), *facts(statement, DATES), period(statement), due(statement)],
            membership=facts(statement, MEMBERSHIP) if statement.is_list_membership else [],
            source=facts(statement, SOURCE),
            register_url=register_url(statement),
            **kwargs,
        )


class StatementData(LinkedData):
    """The same statement as JSON-LD."""

    describe = staticmethod(as_certification)

    def get_queryset(self) -> QuerySet[VerificationStatement]:
        return StatementView.queryset.all()


class Credential(StatementData):
    """The same as an unsigned UNTP Digital Conformity Credential."""

    describe = staticmethod(as_credential)


def sentence(statement: VerificationStatement) -> str:
    """The statement in one sentence."""
    is_listed = statement.is_list_membership and not statement.verification_body
    absent = _("a body not disclosed") if statement.is_body_undisclosed else _("a body not stated")
    return (listed_words(statement) if is_listed else _("%(company)s: %(type)s by %(body)s (%(day)s).")) % {
        "company": statement.company,
        "type": statement.programme if is_listed and statement.programme else statement.statement_type,
        "body": statement.verification_body or statement.recognised_by or absent,
        "day": dated(statement).values[0].text,
        "stage": statement.get_list_stage_display(),
        "removed": statement.removed_on,
    }


def listed_words(statement: VerificationStatement) -> str:
    """The pattern of that sentence for a list: who was removed is on it no more, who is on the way is not on it yet."""
    if statement.validity == Validity.EXPIRED and statement.removed_on:
        return _("%(company)s was on the list %(type)s (%(day)s) and was removed on %(removed)s.")
    if statement.is_not_yet_accepted:
        return _("%(company)s is on its way onto the list %(type)s (%(stage)s, %(day)s): not yet accepted.")
    if not statement.recognised_by and not statement.is_body_undisclosed:
        return _("%(company)s is on the list %(type)s (%(day)s); who recognised it is not stated.")
    return _("%(company)s is on the list %(type)s, recognised by %(body)s (%(day)s).")


def claim(statement: VerificationStatement) -> list[Fact]:
    """Who, what, from whom, by which standard."""
    here, body = reverse("statements"), fact(statement, "verification_body")
    urls = {"statement_type": f"{here}?type={statement.statement_type.slug}", "region": f"{here}?region={statement.region_id}"}
    if statement.is_body_undisclosed:
        body = replace(body, absent=_("undisclosed"))
    head = facts(statement, ("company", "region", "products", "statement_type"), urls)
    named = facts(statement, ("programme",)) if statement.programme and not statement.is_list_membership else []
    return [*head, *named, body, *(standards(statement) if name == "standards" else fact(statement, name) for name in CLAIM)]


def standards(statement: VerificationStatement) -> Fact:
    """The standards, each withdrawn one with the day from which it is."""
    words = _("%(standard)s (withdrawn on %(day)s)")
    texts = [
        words % {"standard": one, "day": one.withdrawn_on} if one.is_withdrawn else str(one) for one in statement.standards.all()
    ]
    return replace(fact(statement, "standards"), values=tuple(map(Value, texts)))


def results(statement: VerificationStatement) -> list[Fact]:
    """The figures with their units: as read, and exact for the title."""
    per = f"/{statement.declared_unit}" if statement.declared_unit else ""
    units = {"emissions_tco2e": "tCO₂e", "footprint_kgco2e": f"kgCO₂e{per}"}
    labels = {"emissions_tco2e": _("Emissions"), "footprint_kgco2e": _("Carbon footprint")}
    shown = [quantity(statement, name, labels[name], units[name]) for name in units]
    return shown + facts(statement, ("result_as_printed", "declared_unit", "system_boundary", "categories", "scopes"))


def quantity(statement: VerificationStatement, name: str, label: str, unit: str) -> Fact:
    value = getattr(statement, name)
    values = () if value is None else (Value(f"{short_figure(value)} {unit}", exact=f"{figure(value)} {unit}"),)
    return Fact(label, values, status_of(statement, name) if values else "")


def period(statement: VerificationStatement) -> Fact:
    """The period covered, as far as its ends are known."""
    text = period_words(statement)
    status = status_of(statement, "period_start", "period_end") if text else ""
    return Fact(_("Period covered"), (Value(text),) if text else (), status)


def due(statement: VerificationStatement) -> Fact:
    """The day on which it ends or the next one falls due."""
    values = (Value(statement.due_on.isoformat()),) if statement.due_on else ()
    return Fact(_("Due on"), values, _("computed") if statement.is_due_computed else "")


def register_url(statement: VerificationStatement) -> str:
    """Address of the official record, or "" where the body has no register or the statement no number."""
    body, number = statement.verification_body, statement.certificate_number
    return web_address(body.lookup(quote(number, safe=""))) if body and number else ""


class CompanyView(NotesMixin, RecordView):
    """A company on one page: names, statements over time and what is missing, products, peers, policies, the team's notes."""

    template_name = "certifications/company.html"
    context_object_name = "company"
    queryset = (
        Company.objects.select_related("region", "industry", "parent")
        .prefetch_related("names")
        .annotate(product_names=InOrder(named(Product.objects.filter(company=OuterRef("pk")).order_by("name", "pk"))))
    )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The address of a company that was merged leads to the one that has its records now; a typed note goes along."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            if kept := leading_on(kwargs["pk"]):
                return redirect(kept, preserve_request=request.method == "POST")
            raise

    def get_context_data(self, unsaved_note: NoteForm | None = None, **kwargs: Any) -> dict[str, Any]:
        company, here = self.object, reverse("companies")
        known = list(table_rows(company.statements.all())[:STATEMENTS_READ])
        urls = {"region": f"{here}?region={company.region_id}", "industry": f"{here}?industry={company.industry_id}"}
        names = ("credit_code", "region", "industry", "parent", "website", "created_at", "confirmed_on", "updated_at")
        return super().get_context_data(
            identity=facts(company, names, urls),
            statements=known[:STATEMENTS_SHOWN],
            memberships=memberships(company),
            timeline=timeline(known),
            gaps=gaps(known),
            around=around(company),
            today=timezone.localdate(),
            merge_url=self.merge_url(),
            merges=merges_of(company),
            **self.note_board(unsaved_note),
            **kwargs,
        )

    def merge_url(self) -> str:
        """Where it is merged with another one, for staff."""
        return reverse("certifications:merge", args=[self.object.pk]) if self.request.user.is_staff else ""


def memberships(company: Company) -> list[VerificationStatement]:
    """The lists that it is or was on, however many statements of other kinds are newer."""
    listed = company.statements.filter(statement_type__evidence_kind=EvidenceKind.LIST_MEMBERSHIP)
    return list(table_rows(listed)[:STATEMENTS_READ])


class BodyView(RecordView):
    """A verification body: its share and trend, its statements by type, names and accreditations."""

    template_name = "certifications/body.html"
    context_object_name = "body"
    queryset = VerificationBody.objects.prefetch_related("aliases", "accreditations")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        body, here = self.object, market()
        address = f"{reverse('statements')}?body={body.slug}"
        types = StatementType.objects.filter(statements__verification_body=body, statements__deleted_at__isnull=True)
        types = types.annotate(count=Count("statements")).order_by("-count", "pk")
        return super().get_context_data(
            identity=facts(body, ("full_name", "name_en", "kind", "is_foreign", "website", "confirmed_on")),
            counts=[(kind, f"{address}&type={kind.slug}") for kind in types],
            total=sum(kind.count for kind in types),
            part=here.part_of(body),
            market=here,
            statements=table_rows(body.statements.all())[:LATEST],
            statements_url=address,
            register_url=web_address(body.lookup("")),
            **kwargs,
        )


class MarketView(ReaderRequiredMixin, TemplateView):
    """All bodies side by side, and what is undisclosed as a part of its own."""

    template_name = "certifications/market.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(parts=market().parts(), years=last_years(), **kwargs)
