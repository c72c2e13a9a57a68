"""The form of one policy as the review desk fills it, and the fields it shares with the statement's form."""

import re
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanxun.records.days import FIRST_YEAR, LAST_YEAR, check_year
from tanxun.regions.models import Region
from tanxun.regions.names import load
from tanxun.search.fold import fold

from . import links
from .dates import LooseDateField, loose_precisions
from .models import ContentType, Form, Incentive, IssuingBody, IssuingBodyAlias, Level, Policy, PolicyLink, Stage, Target, Topic
from .told import TABLES, write_rows

REGION_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
CHILDREN = ("documents", "issuing_bodies", "key_points", "targets", "incentives", "links")


class LinesField(forms.CharField):
    """Several values, one a line; cleaned to a list without empty lines and repetitions."""

    widget = forms.Textarea

    def __init__(self, *, line_length=200, rows=2, **kwargs):
        self.line_length = line_length
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": rows})} | kwargs)

    def prepare_value(self, value):
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        lines = value if isinstance(value, list | tuple) else str(value or "").splitlines()
        return list(dict.fromkeys(stripped for line in lines if (stripped := str(line).strip())))

    def run_validators(self, value):
        super().run_validators("\n".join(value))
        if too_long := next((line for line in value if len(line) > self.line_length), None):
            text = _("At most %(limit)s characters a line; this one has %(length)s.")
            raise ValidationError(text, params={"limit": self.line_length, "length": len(too_long)})

    def has_changed(self, initial, data):
        return self.to_python(initial) != self.to_python(data)


class RegionField(forms.CharField):
    """A division by its code or by name (昆山, 昆山市, 320583); cleaned to a Region or None."""

    def prepare_value(self, value):
        region = Region.objects.filter(pk=value).first() if isinstance(value, str) and REGION_CODE.fullmatch(value) else value
        return f"{region.code} {region.name}" if isinstance(region, Region) else value

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        code = REGION_CODE.search(text)
        found = [code[0]] if code else [division.code for division in load().lookup(fold(text))]
        regions = list(Region.objects.filter(pk__in=found))
        if not regions:
            raise ValidationError(
                _("There is no region “%(name)s”. Give its name or its six-digit code."), params={"name": text[:40]}
            )
        if len(regions) > 1:
            names = "、".join(f"{region.code} {region.full_name}" for region in regions)
            raise ValidationError(_("Several regions bear this name; give the code: %(names)s."), params={"names": names})
        return regions[0]

    def validate(self, value):
        if value is None:
            super().validate("")

    def run_validators(self, value):
        """The text was looked up: what is a region needs no check of its letters."""

    def has_changed(self, initial, data):
        before, after = (self._code(value) for value in (initial, data))
        return before != after

    def _code(self, value):
        try:
            region = self.clean(value)
        except ValidationError:
            return value
        return region.pk if region else None


def date_field(label, **kwargs):
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[check_year],
        **kwargs,
    )


class TopicNamesField(forms.CharField):
    """Topics by name or slug, with 、 or a comma between them; cleaned to a list of them."""

    def prepare_value(self, value):
        if not isinstance(value, list | tuple):
            return value
        names = dict(Topic.objects.values_list("slug", "name")) if value else {}
        return "、".join(names.get(slug, slug) for slug in (getattr(one, "slug", one) for one in value))

    def to_python(self, value):
        words = value if isinstance(value, list | tuple) else re.split(r"[、,，;；]", str(value or ""))
        names = [str(getattr(word, "slug", word)).strip() for word in words]
        names = list(dict.fromkeys(filter(None, names)))
        known = list(Topic.objects.filter(Q(name__in=names) | Q(slug__in=names))) if names else []
        if lost := [name for name in names if not any(name in (topic.name, topic.slug) for topic in known)]:
            raise ValidationError(_("There is no topic “%(name)s”."), params={"name": lost[0][:40]})
        return known

    def run_validators(self, value):
        """They were looked up: nothing is left to check."""

    def has_changed(self, initial, data):
        try:
            return {topic.pk for topic in self.to_python(initial)} != {topic.pk for topic in self.to_python(data)}
        except ValidationError:
            return True


class RowForm(forms.Form):
    """One row of a small table; a row without any entry is no row."""

    main = ""
    defaults: tuple[str, ...] = ()

    def clean(self):
        values = super().clean()
        if not self.errors and not self.is_empty and not values.get(self.main):
            self.add_error(self.main, forms.Field.default_error_messages["required"])
        return values

    @property
    def row(self):
        """What was entered, as the record's columns."""
        return self.cleaned_data

    @property
    def is_empty(self):
        return all(value in (None, "", []) for name, value in self.cleaned_data.items() if name not in self.defaults)


class DocumentRow(RowForm):
    main = "title"
    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    number = forms.CharField(label=_("Document number"), max_length=80, required=False)


class TargetRow(RowForm):
    main = "indicator"
    defaults = ("comparator",)
    indicator = forms.CharField(label=_("Indicator"), max_length=200, required=False)
    comparator = forms.ChoiceField(
        label=_("Comparator"), choices=Target.Comparator.choices, initial=Target.Comparator.EXACTLY, required=False
    )
    value = forms.DecimalField(label=_("Value"), max_digits=20, decimal_places=4, required=False)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    base = forms.ChoiceField(label=_("Base"), choices=[("", "—"), *Target.Base.choices], required=False)
    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False)
    sentence = forms.CharField(label=_("Sentence"), max_length=2000, required=False)


class IncentiveRow(RowForm):
    main = "sentence"
    amount = forms.DecimalField(label=_("Amount"), max_digits=20, decimal_places=2, min_value=0, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=[("", "—"), *Incentive.Currency.choices], required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "—"), *Incentive.Kind.choices], required=False)
    cap = forms.DecimalField(label=_("Cap"), max_digits=20, decimal_places=2, min_value=0, required=False)
    apply_by = date_field(_("Apply by"))
    who_qualifies = forms.CharField(label=_("Who qualifies"), max_length=200, required=False)
    evidence_needed = forms.CharField(label=_("Evidence needed"), max_length=200, required=False)
    topics = TopicNamesField(label=_("Topics of the evidence it accepts"), max_length=400, required=False)
    sentence = forms.CharField(label=_("Sentence"), max_length=2000, required=False)

    def clean(self):
        values = super().clean()
        if values.get("amount") is not None and not values.get("currency"):
            self.add_error("currency", _("An amount needs its currency."))
        return values

    @property
    def is_empty(self):
        """Emptied of amount and sentence it is dropped, whatever the text proposed for the rest; what was typed is not."""
        told = self.cleaned_data.get("amount") is not None or self.cleaned_data.get("sentence")
        is_typed = bool({*self.changed_data} - {"amount", "currency", "sentence"})
        return super().is_empty or not (told or is_typed)


class LinkRow(RowForm):
    """A link that the text proposes, or one typed in an empty row; only a ticked one is taken."""

    main = "title"
    defaults = ("take",)
    take = forms.BooleanField(label=_("Take"), required=False)
    kind = forms.ChoiceField(label=_("Relation"), choices=[("", "—"), *PolicyLink.Kind.choices], required=False)
    title = forms.CharField(label=_("Title of the other document"), max_length=300, required=False)
    sentence = forms.CharField(label=_("Sentence"), max_length=2000, required=False)

    def __init__(self, *args, known=None, **kwargs):
        """`known` is {folded title: the policy that it means}, for what the form says beside a title."""
        super().__init__(*args, **kwargs)
        if title := self.initial.get("title"):
            policy = (known or {}).get(links.title_key(title))
            ours, none = _("Among our policies: %(policy)s"), _("Not among our policies: the title alone is kept")
            self.fields["title"].help_text = ours % {"policy": policy} if policy else none

    def clean(self):
        values = super().clean()
        if values.get("take") and values.get("title") and not values.get("kind"):
            self.add_error("kind", forms.Field.default_error_messages["required"])
        return values

    @property
    def row(self):
        return {name: value for name, value in self.cleaned_data.items() if name != "take"}

    @property
    def is_empty(self):
        return not self.cleaned_data.get("take") or super().is_empty


class BaseRows(forms.BaseFormSet):
    title = ""

    @property
    def rows(self):
        """The filled rows in their order, as plain dicts; only of a valid set."""
        return [form.row for form in self.forms if form.cleaned_data and not form.is_empty]


def table(form, title):
    return formset_factory(
        form, formset=type(f"{form.__name__}s", (BaseRows,), {"title": title}), extra=1, max_num=200, absolute_max=400
    )


ROWS = {
    "documents": table(DocumentRow, _("Documents")),
    "targets": table(TargetRow, _("Targets")),
    "incentives": table(IncentiveRow, _("Incentives")),
    "links": table(LinkRow, _("Links to other policies")),
}


class PolicyEntryForm(forms.Form):
    """One policy, ordered as the news sentence reads. `rows` holds the small tables of documents, targets, incentives, links."""

    headline = forms.CharField(label=_("Headline"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    issued_on = LooseDateField(
        label=pgettext_lazy("policy", "Issued on"), help_text=_("Of all dates: 2026-03 or 2026 where no day is printed")
    )
    issuing_bodies = LinesField(
        label=_("Issuing bodies"), required=False, help_text=_("One a line, the leading one first"), rows=3
    )
    declared_issuer_count = forms.IntegerField(
        label=_("Declared number of issuing bodies"),
        min_value=1,
        max_value=200,
        required=False,
        help_text=_("As printed: 9 for 等9部门"),
    )
    level = forms.ChoiceField(label=_("Level"), choices=[("", "—"), *Level.choices])
    region = RegionField(
        label=_("Region"), required=False, max_length=60, help_text=_("Name or six-digit code; empty for a national policy")
    )
    park_name = forms.CharField(label=_("Park"), max_length=100, required=False)
    key_points = LinesField(
        label=_("Key points"), required=False, help_text=_("One a line, in printed order"), line_length=5000, rows=8
    )
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"), queryset=Topic.objects.all(), to_field_name="slug", required=False, widget=forms.CheckboxSelectMultiple
    )
    stage = forms.ChoiceField(label=_("Stage"), choices=[("", "—"), *Stage.choices], required=False)
    form = forms.ChoiceField(label=_("Form"), choices=[("", "—"), *Form.choices], required=False)
    content_type = forms.ChoiceField(label=_("Content type"), choices=[("", "—"), *ContentType.choices], required=False)
    signed_on = LooseDateField(label=_("Signed on"))
    in_force_on = LooseDateField(label=_("In force from"))
    expires_on = LooseDateField(label=_("Expires on"), ends=True)
    comment_by = LooseDateField(label=_("Comment by"), ends=True)

    # Seldom printed: shown apart unless the text has them.
    more_fields = (
        *("declared_issuer_count", "park_name", "stage", "form", "content_type"),
        *("signed_on", "in_force_on", "expires_on", "comment_by"),
    )

    def __init__(self, data=None, *, initial=None, **kwargs):
        super().__init__(data, initial=initial, **kwargs)
        initial, self.precisions = initial or {}, {}
        extra = {"links": {"known": links.policies_called(row["title"] for row in initial.get("links", []))}}
        self.rows = {
            name: make(data, initial=initial.get(name, []), prefix=name, form_kwargs=extra.get(name))
            for name, make in ROWS.items()
        }

    def is_valid(self):
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    @property
    def changed_data(self):
        return [*super().changed_data, *(name for name, rows in self.rows.items() if rows.has_changed())]

    def clean(self):
        values = super().clean()
        if values.get("level") == Level.NATIONAL and values.get("region"):
            self.add_error("region", _("A national policy has no region."))
        elif (
            values.get("level") and values["level"] != Level.NATIONAL and not values.get("region") and "region" not in self.errors
        ):
            self.add_error("region", _("A policy below the national level needs its region."))
        since, until = values.get("in_force_on"), values.get("expires_on")
        if since and until and until < since:
            self.add_error("expires_on", _("It cannot expire before it is in force."))
        self.precisions = loose_precisions(self)
        return values

    def values(self):
        """Everything entered by field name, the small tables with it; only of a valid form."""
        return self.cleaned_data | {name: rows.rows for name, rows in self.rows.items()}

    def write(self, policy: Policy, fields: Iterable[str] | None = None) -> Policy:
        """Put the entered values (only those of `fields`, if given) into `policy` and save it. Call it in a transaction.

        Raises ValidationError as `Policy.full_clean` does.
        """
        values = self.values()
        names = set(values) if fields is None else set(values) & set(fields)
        for name in names - {*CHILDREN, "topics"}:
            setattr(policy, name, values[name])
        dates = names & set(policy.days)
        kept = {name: precision for name, precision in policy.precisions.items() if name not in dates}
        policy.precisions = kept | {name: self.precisions[name] for name in dates if name in self.precisions}
        policy.full_clean()
        policy.save()
        if "topics" in names:
            policy.topics.set(values["topics"])
        for name in names & set(CHILDREN):
            (write_rows if name in TABLES else write_children)(policy, name, values[name])
        links.tie(policy)
        return policy


def write_children(policy: Policy, name: str, values: list) -> None:
    """Replace the issuing bodies, key points or links of `policy` by `values`, in order."""
    if name == "issuing_bodies":
        policy.issuers.all().delete()
        bodies = dict.fromkeys(issuing_body(printed) for printed in values)
        for position, body in enumerate(bodies):
            policy.issuers.create(body=body, position=position)
        return
    getattr(policy, name).all().delete()
    if name == "links":
        links.add(policy, values)
        return
    for position, text in enumerate(values):
        policy.key_points.create(position=position, text=text)


def known_issuing_body(name: str) -> IssuingBody | None:
    """The issuing body with that full name or alias, whatever the width of its letters."""
    key = fold(name)
    aliased = IssuingBodyAlias.objects.filter(name_folded=key).values("body")
    return IssuingBody.objects.filter(Q(name_folded=key) | Q(pk__in=aliased)).order_by("pk").first()


def issuing_body(name: str) -> IssuingBody:
    """The one known by that name, else a new one with the name as printed and the region that the name begins with."""
    return known_issuing_body(name) or IssuingBody.objects.create(name=name, region_id=region_of_issuer(name))


def region_of_issuer(name: str) -> str | None:
    """The code of the region that the name of an issuing body begins with; None where it is none, or one of several."""
    _printed, places = load().prefix(name)
    codes = [place.code for place in places]
    return codes[0] if len(codes) == 1 and Region.objects.filter(pk=codes[0]).exists() else None
