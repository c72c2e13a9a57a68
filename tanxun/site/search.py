"""The search page: one box over every kind of record, grouped by kind, with the sentence that was hit lit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from certifications.models import Company, Product, Standard, VerificationBody, VerificationStatement
from policies.figure_pages import IncentivePage, TargetPage, incentive_name
from policies.models import IssuingBody, Policy
from tanxun.digest.models import Digest, NewsItem
from tanxun.listing.access import ReaderRequiredMixin
from tanxun.listing.columns import in_language, region_words
from tanxun.search.lit import Stretch, by_sound, lit, marked, named
from tanxun.search.queries import COUNTED, counted
from tanxun.search.question import parse, understand
from tanxun.search.texts import Printed, printed

from .shortcuts import shortcut

SHOWN = 5


def address(name: str, **params: Any) -> str:
    return f"{reverse(name)}?{urlencode(params)}"


@dataclass(frozen=True)
class Kind:
    """A group of the page. `columns` are ORM paths; `title`, `aside` and `url` make words and an address of (id, *columns).

    `more` gives the address of the list with the same question, where there is such a list.
    """

    key: str
    label: Any
    rows: Callable[[], QuerySet]
    columns: tuple[str, ...]
    title: Callable[..., str]
    aside: Callable[..., str]
    url: Callable[..., str]
    more: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Hit:
    """One record found: its title and a line about it with the hit words marked, and a sentence for the words not in those."""

    url: str
    title: list[Stretch]
    aside: list[Stretch]
    sentence: list[Stretch]


@dataclass(frozen=True)
class Section:
    """A group with its first hits. `count` is at most COUNTED; where `is_capped`, there are more."""

    kind: Kind
    hits: list[Hit]
    count: int
    is_capped: bool
    more: str


def joined(*words: Any) -> str:
    return " · ".join(str(word) for word in words if word)


KINDS = (
    Kind(
        "companies",
        _("Companies"),
        lambda: Company.objects.order_by("pinyin", "pk"),
        ("name", "region", "region__name", "region__name_en", "industry__name", "industry__name_en"),
        title=lambda key, name, *_rest: name,
        aside=lambda key, name, region, place, place_en, industry, industry_en: joined(
            region_words(region, place, place_en), in_language(industry, industry_en)
        ),
        url=lambda key, *_rest: reverse("certifications:company", args=[key]),
        more=lambda text: address("companies", q=text, statements_min=0),
    ),
    Kind(
        "statements",
        _("Statements"),
        VerificationStatement.objects.all,
        ("company__name", "statement_type__name", "statement_type__name_en", "verification_body__name", "dated_on"),
        title=lambda key, company, *_rest: company,
        aside=lambda key, company, kind, kind_en, body, day: joined(in_language(kind, kind_en), body, day),
        url=lambda key, *_rest: reverse("certifications:statement", args=[key]),
        more=lambda text: address("statements", q=text),
    ),
    Kind(
        "policies",
        _("Policies"),
        Policy.objects.all,
        ("headline", "region", "region__name", "region__name_en", "dated_on"),
        title=lambda key, headline, *_rest: headline,
        aside=lambda key, headline, region, place, place_en, day: joined(region_words(region, place, place_en), day),
        url=lambda key, *_rest: reverse("policies:policy", args=[key]),
        more=lambda text: address("policies", q=text),
    ),
    Kind(
        "targets",
        _("Targets"),
        lambda: TargetPage.queryset.order_by("-pk"),
        ("indicator", "policy__headline", "year"),
        title=lambda key, indicator, *_rest: indicator,
        aside=lambda key, indicator, policy, year: joined(year, policy),
        url=lambda key, *_rest: reverse("policies:target", args=[key]),
        more=lambda text: address("targets", q=text),
    ),
    Kind(
        "incentives",
        _("Incentives"),
        lambda: IncentivePage.queryset.order_by("-pk"),
        ("who_qualifies", "sentence", "policy__headline", "apply_by"),
        title=lambda key, who, sentence, *_rest: incentive_name(who, sentence) or str(_("Incentive")),
        aside=lambda key, who, sentence, policy, day: joined(day, policy),
        url=lambda key, *_rest: reverse("policies:incentive", args=[key]),
        more=lambda text: address("incentives", q=text),
    ),
    Kind(
        "products",
        _("Products"),
        lambda: Product.objects.order_by("-pk"),
        ("name", "model", "company", "company__name"),
        title=lambda key, name, model, *_rest: f"{name} {model}".strip(),
        aside=lambda key, name, model, company, company_name: company_name,
        url=lambda key, name, model, company, company_name: address("statements", company=company, q=f'"{name}"'[:200]),
    ),
    Kind(
        "bodies",
        _("Verification bodies"),
        VerificationBody.objects.all,
        ("name", "full_name"),
        title=lambda key, name, full_name: name,
        aside=lambda key, name, full_name: full_name,
        url=lambda key, *_rest: reverse("certifications:body", args=[key]),
        more=lambda text: address("bodies", q=text),
    ),
    Kind(
        "issuers",
        _("Issuing bodies"),
        IssuingBody.objects.all,
        ("name",),
        title=lambda key, name: name,
        aside=lambda key, name: "",
        url=lambda key, name: address("policies", issuer=key),
    ),
    Kind(
        "standards",
        _("Standards"),
        Standard.objects.all,
        ("code", "edition", "title", "title_en"),
        title=lambda key, code, edition, *_rest: str(Standard(code=code, edition=edition)),
        aside=lambda key, code, edition, title, title_en: in_language(title, title_en),
        url=lambda key, code, *_rest: address("statements", standard=code),
    ),
    Kind(
        "news",
        _("Market news"),
        NewsItem.objects.all,
        ("headline", "dated_on"),
        title=lambda key, headline, day: headline,
        aside=lambda key, headline, day: str(day),
        url=lambda key, *_rest: reverse("digest:news_item", args=[key]),
    ),
    Kind(
        "issues",
        _("Issues of the weekly"),
        Digest.objects.published,
        ("title", "week"),
        title=lambda key, title, week: title,
        aside=lambda key, title, week: week,
        url=lambda key, *_rest: reverse("digest:issue", args=[key]),
        more=lambda text: address("digests", q=text),
    ),
)


def found_in(kind: Kind, text: str, wanted: list[str]) -> Section:
    """The first records of one kind that `text` finds; `wanted` are the words to light."""
    rows = kind.rows().search(text)
    # The keys first and alone: joined, SQLite begins with the smallest table, probes all rows and sorts what it finds.
    keys = list(rows.values_list("pk", flat=True)[:SHOWN])
    count = counted(rows) if len(keys) == SHOWN else len(keys)
    texts = printed(rows.model, keys, rows.db) if keys else {}
    shown = {row[0]: row for row in kind.rows().filter(pk__in=keys).values_list("pk", *kind.columns)}
    hits = [hit(kind, shown[key], texts[key], wanted) for key in keys if key in shown and key in texts]  # not gone meanwhile
    more = kind.more(text) if kind.more else ""
    return Section(kind, hits, min(count, COUNTED), count > COUNTED, more)


def hit(kind: Kind, row: tuple[Any, ...], texts: Printed, wanted: list[str]) -> Hit:
    title, aside = kind.title(*row), kind.aside(*row)
    # A short name that is a part of the title says nothing more.
    further = [text for text in (*texts.names, *texts.numbers, *texts.others) if text not in title and text not in aside]
    shown = named(title, wanted)
    sentence = lit(further, wanted)
    if not sentence and not any(piece.is_hit for piece in shown):
        spoken = (name for name in texts.names if name in further and any(by_sound(name, word) for word in wanted))
        sentence = next((named(name, wanted) for name in spoken), [])
    return Hit(kind.url(*row), shown, marked(aside, wanted), sentence)


class SearchView(ReaderRequiredMixin, View):
    """`?q=`: what cannot be asked is answered with 400 and the reason beside the box."""

    http_method_names = ("get", "head")

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "")
        context: dict[str, Any] = {"text": text}
        try:
            terms = parse(text)
        except ValidationError as error:
            context |= {"text": text.replace("\0", "")[:200], "errors": error.messages}
            return render(request, "site/search.html", context, status=400)
        if terms:
            wanted = [needle.text for group in understand(terms).wanted for needle in group]
            groups = [found_in(kind, text, wanted) for kind in KINDS]
            context["groups"] = [group for group in groups if group.hits]
            context |= {"is_asked": True, "shortcut": shortcut(terms)}
        return render(request, "site/search.html", context)


search = SearchView.as_view()
