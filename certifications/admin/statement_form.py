"""The statement form of the admin: reads as the news sentence does, takes new products as text, and warns of duplicates."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certifications.models import Product, VerificationStatement
from tanxun.records.admin import RecordForm
from tanxun.records.models import Precision
from tanxun.search.fold import fold

SIMILAR_SHOWN = 3


def numbers(last: int, label) -> forms.TypedMultipleChoiceField:
    """Tick boxes 1 to `last`, kept as a list of integers."""
    return forms.TypedMultipleChoiceField(
        choices=[(number, str(number)) for number in range(1, last + 1)],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "in-a-row"}),
        label=label,
    )


class StatementForm(RecordForm):
    new_products = forms.CharField(
        required=False,
        max_length=1000,
        label=_("New products"),
        help_text=_("Names of products not yet known, separated by 、 or ; – they become products of the company"),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    save_anyway = forms.BooleanField(required=False, label=_("This is another statement: save anyway"))
    categories = numbers(6, _("Categories"))
    scopes = numbers(3, _("Scopes"))
    past_fields = ("source_on", "issued_on", "announced_on", "register_checked_on")

    similar: tuple[VerificationStatement, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in {"tier", "list_stage"} & set(self.fields):
            if (old := getattr(self.instance, name)) and old not in dict(self.fields[name].choices):
                self.fields[name].choices = [*self.fields[name].choices, (old, old)]  # free text, once

    def clean_new_products(self) -> list[str]:
        names = [name.strip() for name in re.split(r"[,，、;；\n]", self.cleaned_data["new_products"])]
        names = list({fold(name): name for name in names if name}.values())
        if any(len(name) > Product._meta.get_field("name").max_length for name in names):
            raise ValidationError(_("The name of a product has at most 200 characters."))
        return names

    def clean(self):
        cleaned = super().clean()
        if any(product.company_id != getattr(cleaned.get("company"), "pk", None) for product in cleaned.get("products") or ()):
            self.add_error("products", _("A product belongs to another company."))
        if "register_status" in self.changed_data and "register_checked_on" not in self.changed_data:
            cleaned["register_checked_on"] = timezone.localdate()
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        if self.errors or not self._says_something_new():
            return
        self.similar = tuple(self._find_similar())
        if self.similar and not self.cleaned_data["save_anyway"]:
            self.add_error(None, _("This looks like a statement that is already here. Compare them; nothing was saved yet."))

    def _says_something_new(self) -> bool:
        parts = {
            "company",
            "statement_type",
            "verification_body",
            "is_body_undisclosed",
            "products",
            "new_products",
            "issued_on",
            "announced_on",
        }
        return not self.instance.pk or bool(parts & set(self.changed_data))

    def _find_similar(self):
        known, fresh = self._products_named()
        rows = VerificationStatement.objects.similar_to(self.instance, known)
        if fresh and not known:
            rows = rows.filter(products__isnull=True)
        return rows.select_related("company", "statement_type", "verification_body", "consultant").prefetch_related(
            "products", "standards"
        )[:SIMILAR_SHOWN]

    def _products_named(self) -> tuple[list[Product], list[str]]:
        """(products that exist, names that do not) of what was chosen and typed."""
        company, typed = self.instance.company, self.cleaned_data["new_products"]
        known = {
            fold(product.name): product for product in company.products.filter(name_folded__in=[fold(name) for name in typed])
        }
        return [*self.cleaned_data["products"], *known.values()], [name for name in typed if fold(name) not in known]

    def make_new_products(self) -> None:
        """Typed names become products of the company and join the chosen ones; call before the relations are saved."""
        known, fresh = self._products_named()
        made = [Product.objects.create(company=self.instance.company, name=name) for name in fresh]
        self.cleaned_data["products"] = list(dict.fromkeys([*known, *made]))

    def comparison(self) -> list[tuple[str, list[str]]]:
        """The new statement beside the similar ones: [(label, [new, first, second …])]."""
        here, others = self.instance, self.similar
        products = "、".join([str(product) for product in self.cleaned_data["products"]] + self.cleaned_data["new_products"])
        standards = "、".join(map(str, self.cleaned_data.get("standards") or ()))
        rows = [(_("company"), [str(each.company) for each in (here, *others)])]
        rows += [(_("products"), [products, *("、".join(map(str, each.products.all())) for each in others)])]
        rows += [(_("statement type"), [str(each.statement_type) for each in (here, *others)])]
        rows += [(_("verification body"), [body_label(each) for each in (here, *others)])]
        rows += [(_("date"), [date_label(each) for each in (here, *others)])]
        rows += [(_("certificate number"), [each.certificate_number for each in (here, *others)])]
        rows += [(_("standards"), [standards, *("、".join(map(str, each.standards.all())) for each in others)])]
        rows += [(_("consultant"), [str(each.consultant or "") for each in (here, *others)])]
        rows += [(_("source"), [each.source_note or each.source_url for each in (here, *others)])]
        return rows


def body_label(statement: VerificationStatement) -> str:
    """The body, or that it is undisclosed; empty for a list membership that names none."""
    return str(statement.verification_body or (_("undisclosed") if statement.is_body_undisclosed else ""))


def date_label(statement: VerificationStatement) -> str:
    day = f"{statement.dated_on:%Y-%m-%d}"
    return day if statement.dated_precision == Precision.DAY else f"{day} ({statement.get_dated_precision_display()})"
