"""The columns of the list of statements, each with its way into files and the API; read by `pages.py`."""

from django.db.models import F, OuterRef, Value
from django.utils.translation import gettext_lazy as _

from tanxun.listing.columns import Column, Marked, dated, in_language, region_words
from tanxun.listing.wording import Items, Worded, filled, first_given, given, name_in_language, only_if, region_text
from tanxun.records.models import Precision

from .models import ListStage, Product, RegisterStatus, Standard, Tier, Validity, VerificationStatement
from .models.memberships import NOT_YET, beside_type
from .models.validity import ENDED_BY_REGISTER
from .models.vocabulary import standard_citation

UNDISCLOSED = "undisclosed"


def body_words(name, is_undisclosed, recogniser):
    """The body; on a list membership who recognised it; 未披露 where the source does not say."""
    if name:
        return name
    if recogniser:
        return _("recognised by %(name)s") % {"name": recogniser}
    return _("undisclosed") if is_undisclosed else ""


def body_text():
    """`body_words` in SQL."""
    recogniser = filled(_("recognised by %(name)s"), "name", F("recognised_by__name"))
    return first_given(
        given("verification_body__name"),
        only_if(recogniser, recognised_by__name__gt=""),
        only_if(Value(str(_("undisclosed"))), is_body_undisclosed=True),
    )


def validity_words(validity, is_computed, stage):
    """With what a badge alone would hide: that a day is computed, that a company is only on its way onto the list."""
    if stage in NOT_YET and validity not in (*ENDED_BY_REGISTER, Validity.EXPIRED):
        return Marked(validity, ListStage(stage).label)
    return Marked(validity, _("computed") if is_computed and validity not in ENDED_BY_REGISTER else "")


def type_words(name, name_en, kind, scheme, *programme):
    """The type, and beside it what tells it from others of its type; `programme` is its name in both languages."""
    beside = beside_type(kind, name, programme[0], in_language(*programme), scheme)
    return Marked(in_language(name, name_en), beside)


def numbers(values):
    return [str(value) for value in values or []]


COLUMNS = (
    Column(
        "company",
        _("Company"),
        path="company__name",
        kind="link",
        link="certifications:company",
        link_path="company_id",
        sort="company__pinyin",
    ),
    Column(
        "type",
        _("Type"),
        path="statement_type__name",
        kind="link",
        aside=(
            "statement_type__name_en",
            "statement_type__evidence_kind",
            "scheme",
            "programme__name",
            "programme__name_en",
        ),
        value=type_words,
        text=lambda: name_in_language("statement_type__name", "statement_type__name_en"),
        code=lambda: F("statement_type__slug"),
        link="certifications:statement",
        sort="statement_type_id",  # as the vocabulary stands in the form
    ),
    Column(
        "products",
        _("Products"),
        kind="list",
        many=lambda: Product.objects.filter(statements=OuterRef("pk")).order_by("pk").values(item=F("name")),
    ),
    Column(
        "body",
        _("Verification body"),
        path="verification_body__name",
        kind="link",
        aside=("is_body_undisclosed", "recognised_by__name"),
        value=body_words,
        text=body_text,
        link="certifications:body",
        code=lambda: first_given(F("verification_body__slug"), only_if(Value(UNDISCLOSED), is_body_undisclosed=True)),
        link_path="verification_body_id",
    ),
    Column(
        "region",
        _("Region"),
        path="region_id",
        aside=("region__name", "region__name_en"),
        value=region_words,
        text=region_text,
    ),
    Column(
        "dated_on",
        _("Date"),
        path="dated_on",
        kind="date",
        aside=("dated_precision",),
        value=dated,
        sort="dated_on",
        about=_("Issued, else announced, else the reference date of the source: never missing, and what the list is sorted by."),
    ),
    Column(
        "validity",
        _("Validity"),
        path="validity",
        kind="badge",
        aside=("is_due_computed", "list_stage"),
        value=validity_words,
        text=lambda: Worded("validity", Validity.choices),
        choices=Validity.choices,
    ),
    Column(
        "certificate_number",
        _("Certificate number"),
        path="certificate_number",
        about=_("Unique only within its body; most news prints none."),
    ),
    Column(
        "emissions",
        _("Emissions"),
        path="emissions_tco2e",
        kind="number",
        unit="tCO₂e",
        about=_("Of the organisation in the period covered."),
    ),
    Column(
        "footprint",
        _("Footprint"),
        path="footprint_kgco2e",
        kind="number",
        unit="kgCO₂e",
        shown=False,
        about=_("Per declared unit."),
    ),
    Column("declared_unit", _("Declared unit"), path="declared_unit", shown=False),
    Column(
        "system_boundary",
        _("System boundary"),
        path="system_boundary",
        choices=VerificationStatement.Boundary.choices,
        shown=False,
    ),
    Column(
        "result",
        _("Result as printed"),
        path="result_as_printed",
        shown=False,
        about=_("The figure as the source words it, where it is no plain number."),
    ),
    Column(
        "standards",
        _("Standards"),
        kind="list",
        shown=False,
        many=lambda: (
            Standard.objects.filter(statements=OuterRef("pk")).order_by("code", "edition").values(item=standard_citation())
        ),
    ),
    Column(
        "credit_code",
        _("Unified social credit code"),
        path="company__credit_code",
        shown=False,
        about=_("GB 32100, 18 signs."),
    ),
    Column("region_code", _("Region code"), path="region_id", shown=False, about=_("GB/T 2260.")),
    Column(
        "industry",
        _("Industry"),
        path="company__industry__name",
        code=lambda: F("company__industry_id"),
        shown=False,
    ),
    Column(
        "issued_on",
        _("Issued on"),
        path="issued_on",
        kind="date",
        shown=False,
        about=_("As the source prints it, and only then."),
    ),
    Column("announced_on", _("Announced on"), path="announced_on", kind="date", shown=False),
    Column(
        "precision",
        _("Precision of the date"),
        path="dated_precision",
        choices=Precision.choices,
        shown=False,
        about=_("How far the date is known: to the day, its week or its month."),
    ),
    Column(
        "valid_until",
        _("Valid until"),
        path="valid_until",
        kind="date",
        shown=False,
        about=_("The printed end, and only that."),
    ),
    Column(
        "due_on",
        _("Due on"),
        path="due_on",
        kind="date",
        shown=False,
        about=_("The printed end, else the day on which the next statement falls due by its cycle."),
    ),
    Column(
        "register_status",
        _("Register status"),
        path="register_status",
        choices=[(value, "" if value == RegisterStatus.UNKNOWN else label) for value, label in RegisterStatus.choices],
        shown=False,
    ),
    Column("period_start", _("Period from"), path="period_start", kind="date", shown=False),
    Column("period_end", _("Period to"), path="period_end", kind="date", shown=False),
    Column(
        "assurance_level",
        _("Assurance level"),
        path="assurance_level",
        choices=VerificationStatement.Assurance.choices,
        shown=False,
    ),
    Column("engagement", _("Engagement"), path="engagement", choices=VerificationStatement.Engagement.choices, shown=False),
    Column(
        "categories",
        _("Categories"),
        path="categories",
        kind="list",
        value=numbers,
        text=lambda: Items("categories"),
        shown=False,
    ),
    Column("scopes", _("Scopes"), path="scopes", kind="list", value=numbers, text=lambda: Items("scopes"), shown=False),
    Column("scheme", _("Scheme"), path="scheme", shown=False),
    Column("consultant", _("Consultant"), path="consultant__name", shown=False),
    Column(
        "programme",
        _("Programme"),
        path="programme__name",
        aside=("programme__name_en",),
        value=in_language,
        text=lambda: name_in_language("programme__name", "programme__name_en"),
        code=lambda: F("programme__slug"),
        shown=False,
    ),
    Column("tier", _("Tier"), path="tier", choices=Tier.choices, shown=False),
    Column("batch", _("Batch"), path="batch", shown=False),
    Column("list_stage", _("Stage on the list"), path="list_stage", choices=ListStage.choices, shown=False),
    Column(
        "recognised_by",
        _("Recognised by"),
        path="recognised_by__name",
        shown=False,
        about=_("Who keeps the list, of a membership of one."),
    ),
    Column("removed_on", _("Removed on"), path="removed_on", kind="date", shown=False),
    Column("summary", _("Summary"), path="summary", shown=False),
    Column("confirmed_on", _("Last confirmed"), path="confirmed_on", kind="date", shown=False),
    Column("source", _("Source"), path="source_note", shown=False),
    Column("source_url", _("Source link"), path="source_url", shown=False),
)
