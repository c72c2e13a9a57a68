"""The form of one verification statement as the review desk fills it: by printed names, never a guess."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from policies.forms import LinesField, RegionField, date_field
from tanxun.regions.models import Region
from tanxun.search.fold import fold, number_key, pinyin_keys

from .models import (
    Company,
    CompanyName,
    EvidenceKind,
    ListStage,
    Product,
    Programme,
    RegisterStatus,
    Standard,
    StatementType,
    Tier,
    VerificationBody,
    VerificationStatement,
)

EDITION = re.compile(r"^(?P<code>.*\S)\s*+[:：\-—–]\s*+(?P<edition>(?:19|20)\d{2})$")
# Mass of CO2e in kilograms by the printed unit; a factor of ten thousands may stand before it.
MASS = re.compile(r"^(?P<factor>万|亿)?(?P<mass>kg|千克|公斤|克|g|t|吨)(?:-?(?:co2|二氧化碳|碳).*)?$")
KILOGRAMS = {"kg": 1, "千克": 1, "公斤": 1, "g": Decimal("0.001"), "克": Decimal("0.001"), "t": 1000, "吨": 1000}
FACTORS = {None: 1, "万": 10**4, "亿": 10**8}
LEGAL_ENDING = "公司"


class NumbersField(forms.CharField):
    """A few small numbers, as 1, 2, 3 or 1-4; cleaned to a sorted list."""

    def __init__(self, *, last, **kwargs):
        self.last = last
        super().__init__(**kwargs)

    def prepare_value(self, value):
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        if isinstance(value, list | tuple):
            value = ",".join(map(str, value))
        numbers: set[int] = set()
        for part in filter(None, re.split(r"[,，、;；\s]+", value or "")):
            found = re.fullmatch(r"([0-9])(?:[-–—~至]([0-9]))?", part)
            if not found or not 1 <= int(found[1]) <= int(found[2] or found[1]) <= self.last:
                raise ValidationError(_("Numbers from 1 to %(last)s only."), params={"last": self.last})
            numbers |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
        return sorted(numbers)

    def run_validators(self, value):
        """`to_python` checked every number."""

    def has_changed(self, initial, data):
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class CompanyChoice(forms.ChoiceField):
    """Radio buttons: the companies suggested, each by its key, and "" for the name typed beside it."""

    def __init__(self, **kwargs):
        super().__init__(required=False, widget=forms.RadioSelect, **kwargs)


class StatementEntryForm(forms.Form):
    """One statement, ordered as the news sentence reads: company, products, type, body, date.

    `companies` are (key, label) of known companies that the name may mean. Without a choice the typed name counts:
    the company with exactly that name is used, else a new one is made; where several bear it, one must be chosen.
    """

    company = CompanyChoice(label=_("Company"))
    company_name = forms.CharField(label=_("Company name"), max_length=200, help_text=_("In full, as printed"))
    short_name = forms.CharField(label=_("Short name"), max_length=200, required=False)
    region = RegionField(label=_("Region"), required=False, max_length=60, help_text=_("Of the company: name or six-digit code"))
    products = LinesField(label=_("Products"), required=False, help_text=_("One a line"))
    statement_type = forms.ModelChoiceField(label=_("Statement type"), queryset=StatementType.objects.all(), to_field_name="slug")
    verification_body = forms.CharField(
        label=_("Verification body"), max_length=200, required=False, widget=forms.TextInput(attrs={"list": "known-bodies"})
    )
    is_body_undisclosed = forms.BooleanField(label=_("The source does not disclose the body"), required=False)
    announced_on = date_field(_("Announced on"))
    standards = LinesField(label=_("Standards"), required=False, help_text=_("One a line: ISO 14064-1:2018"), line_length=70)
    categories = NumbersField(label=_("Categories"), last=6, max_length=40, required=False, help_text=_("ISO 14064-1: 1 to 6"))
    scopes = NumbersField(label=_("Scopes"), last=3, max_length=40, required=False)
    result_value = forms.DecimalField(label=_("Result"), max_digits=20, decimal_places=6, required=False)
    result_unit = forms.CharField(
        label=_("Unit of the result"), max_length=80, required=False, help_text=_("As printed: kgCO2e/unit")
    )
    certificate_number = forms.CharField(label=_("Certificate number"), max_length=80, required=False)
    consultant = forms.CharField(label=_("Consultant"), max_length=200, required=False)
    issued_on = date_field(_("Issued on"))
    valid_until = date_field(_("Valid until"))
    period_start = date_field(_("Period from"))
    period_end = date_field(_("Period to"))
    assurance_level = forms.ChoiceField(
        label=_("Assurance level"), choices=[("", "—"), *VerificationStatement.Assurance.choices], required=False
    )
    programme = forms.ModelChoiceField(
        label=_("Programme"), queryset=Programme.objects.all(), to_field_name="slug", required=False, empty_label="—"
    )
    tier = forms.ChoiceField(label=_("Tier"), choices=[("", "—"), *Tier.choices], required=False)
    batch = forms.CharField(label=_("Batch"), max_length=40, required=False)
    list_stage = forms.ChoiceField(label=_("Stage on the list"), choices=[("", "—"), *ListStage.choices], required=False)
    removed_on = date_field(_("Removed on"))
    register_status = forms.ChoiceField(
        label=_("Register status"),
        choices=[("", "—"), *(one for one in RegisterStatus.choices if one[0] != RegisterStatus.UNKNOWN)],
        required=False,
    )
    summary = forms.CharField(label=_("Summary"), max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    # Seldom printed: shown apart unless the text has them.
    more_fields = (
        *("standards", "categories", "scopes", "result_value", "result_unit", "certificate_number", "consultant"),
        *("issued_on", "valid_until", "period_start", "period_end", "assurance_level"),
        *("programme", "tier", "batch", "list_stage", "removed_on", "register_status", "summary"),
    )

    def __init__(self, data=None, *, companies=(), **kwargs):
        super().__init__(data, **kwargs)
        self.fields["company"].choices = [
            *companies,
            ("", _("By the name typed below; made new if no company has exactly this name")),
        ]

    def clean(self):
        values = super().clean()
        namesakes = companies_called(values["company_name"]) if values.get("company_name") else []
        if len(namesakes) > 1 and not values.get("company") and "company" not in self.errors:
            self.add_error("company", _("Several companies bear this name: choose one."))
        body, kind = values.get("verification_body"), values.get("statement_type")
        membership = kind is not None and kind.evidence_kind == EvidenceKind.LIST_MEMBERSHIP
        if body and values.get("is_body_undisclosed"):
            self.add_error("verification_body", _("A named body is not undisclosed: clear one of the two."))
        elif kind and not membership and not body and not values.get("is_body_undisclosed"):
            self.add_error("verification_body", _("Name the body, or tick that the source does not disclose it."))
        return values

    @property
    def known_company(self) -> Company | None:
        """The company chosen, or the one with exactly the typed name; None where accepting makes a new one."""
        values = self.cleaned_data
        if values.get("company"):
            return Company.objects.filter(pk=values["company"]).first()
        found = companies_called(values.get("company_name", ""))
        return found[0] if len(found) == 1 else None

    @property
    def kept_region(self) -> Region | None:
        """The region that the known company has and keeps where another was entered; else None."""
        company, entered = self.known_company, self.cleaned_data["region"]
        return company.region if company and entered and company.region != entered else None

    @property
    def known_body(self) -> VerificationBody | None:
        return known_body(self.cleaned_data.get("verification_body", ""))

    def write(self, statement: VerificationStatement, fields: Iterable[str] | None = None) -> VerificationStatement:
        """Put the entered values (only those of `fields`, if given) into `statement` and save it. Call it in a transaction.

        The company, products, body, standards and consultant are made where they are new. Raises ValidationError as
        `VerificationStatement.full_clean` does.
        """
        values = self.cleaned_data
        names = set(values) if fields is None else set(values) & set(fields)
        if fields is None:
            statement.company = self.company_entered()
        if "verification_body" in names:
            statement.verification_body = body_called(values["verification_body"])
        if "consultant" in names:
            statement.consultant = consultant_called(values["consultant"])
        if not values["register_status"]:  # unknown, as it is from the start
            names -= {"register_status"}
        for name in names & PLAIN_FIELDS:
            setattr(statement, name, values[name])
        if statement.verification_body:  # a name learned later ends the hiding
            statement.is_body_undisclosed = False
        if names & {"result_value", "result_unit"}:
            for name, value in result_fields(values["result_value"], values["result_unit"]).items():
                setattr(statement, name, value)
        statement.derive()  # constraints on derived columns are checked too
        statement.full_clean()
        statement.save()
        if "products" in names:
            statement.products.set(product_called(statement.company, name) for name in values["products"])
        if "standards" in names:
            statement.standards.set(standard_called(printed) for printed in values["standards"])
        return statement

    def company_entered(self) -> Company:
        """The known company, its short name and region filled in where it has none; else a new one."""
        values = self.cleaned_data
        company = self.known_company or Company(
            name=values["company_name"], is_legal_name=values["company_name"].endswith(LEGAL_ENDING)
        )
        if company.pk is None or (values["region"] and not company.region_id):
            if company.pk:  # as it is now, and held until it is saved: what others wrote since stays
                company = Company.objects.select_for_update().get(pk=company.pk)
            company.region = company.region or values["region"]
            company.full_clean()
            company.save()
        short = values["short_name"]
        if short and fold(short) != company.name_folded and not company.names.filter(name_folded=fold(short)).exists():
            company.names.create(name=short, kind=CompanyName.Kind.SHORT)
        return company


PLAIN_FIELDS = {
    *("statement_type", "is_body_undisclosed", "announced_on", "issued_on", "valid_until", "period_start", "period_end"),
    *("categories", "scopes", "certificate_number", "assurance_level", "summary"),
    *("programme", "tier", "batch", "list_stage", "removed_on", "register_status"),
}


def companies_called(name: str) -> list[Company]:
    """Every company with exactly that name, whatever the width of its letters."""
    return list(Company.objects.filter(name_folded=fold(name)))


def consultant_called(name: str) -> Company | None:
    """A consultant is a company too: the only one that bears this name, else a new one; None for no name."""
    if not name:
        return None
    return known_consultant(name) or Company.objects.create(name=name, is_legal_name=name.endswith(LEGAL_ENDING))


def known_consultant(name: str) -> Company | None:
    found = list(Company.objects.matching(name)[:2])
    return found[0] if len(found) == 1 else None


def bodies_called(name: str) -> list[VerificationBody]:
    """Every verification body with that name, full name, English name, alias or slug, whatever its width and case."""
    key = fold(name)
    named = Q(name_folded=key) | Q(aliases__name_folded=key) | Q(slug=key)
    return list(VerificationBody.objects.filter(named | Q(full_name__iexact=name) | Q(name_en__iexact=name)).distinct())


def known_body(name: str) -> VerificationBody | None:
    found = bodies_called(name) if name else []
    return found[0] if len(found) == 1 else None


def body_called(name: str) -> VerificationBody | None:
    """The body that bears this name, else a new one, not yet confirmed; None for no name.

    Raises ValidationError where several bear it.
    """
    if not name:
        return None
    found = bodies_called(name)
    if len(found) > 1:
        raise ValidationError({"verification_body": _("Several bodies bear this name: give the full name.")})
    return found[0] if found else VerificationBody.objects.create(name=name, slug=free_slug(name), is_confirmed=False)


def free_slug(name: str, promised: Iterable[str] = ()) -> str:
    """A slug for a new body from its letters or pinyin, numbered where it is taken, or `promised` to one not yet written."""
    stem = (slugify(name) or pinyin_keys(name)[0] or "body")[:40]
    taken = set(VerificationBody.with_deleted.filter(slug__startswith=stem).values_list("slug", flat=True)) | set(promised)
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)


def product_called(company: Company, name: str) -> Product:
    known = company.products.filter(name_folded=fold(name)).order_by("pk").first()
    return known or company.products.create(name=name)


def standard_called(printed: str) -> Standard:
    """ISO 14064-1:2018 → its edition; a reference without a year → the undated standard; made where it is new."""
    code, edition = code_and_edition(printed)
    return known_standard(code, edition) or Standard.objects.create(code=code[:40], edition=edition)


def code_and_edition(printed: str) -> tuple[str, str]:
    found = EDITION.match(printed)
    return (found["code"], found["edition"]) if found else (printed, "")


def known_standard(code: str, edition: str) -> Standard | None:
    return Standard.objects.filter(code__iexact=code, edition=edition).first()


def result_fields(value: Decimal | None, unit: str) -> dict[str, object]:
    """The statement's result columns: a mass per something is a footprint in kgCO2e, a bare mass an emission in tCO2e.

    A unit that is no mass of CO2e stays as printed only.
    """
    fields: dict[str, object] = {"emissions_tco2e": None, "footprint_kgco2e": None, "declared_unit": ""}
    if value is None:
        return fields | {"result_as_printed": ""}
    fields["result_as_printed"] = f"{value:f} {unit}".strip()
    mass, _slash, per = fold(unit).replace(" ", "").replace("₂", "2").partition("/")
    found = MASS.match(mass)
    if not found:
        return fields
    try:
        kilograms = value * FACTORS[found["factor"]] * KILOGRAMS[found["mass"]]
        if per:
            return fields | {"footprint_kgco2e": round(kilograms, 6), "declared_unit": unit.partition("/")[2].strip() or per}
        return fields | {"emissions_tco2e": round(kilograms / 1000, 4)}
    except InvalidOperation:  # more digits than can be reckoned with
        return fields


def same_number(one: str, other: str) -> bool:
    """Whether two certificate numbers are one, whatever their spaces, case and brackets."""
    return number_key(one) == number_key(other)
