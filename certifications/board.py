"""The due board, `/expiring/`: what is overdue and what falls due in 30, 60 and 90 days, yearly duties, deadlines of policies."""

import datetime as dt
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.auth.views import redirect_to_login
from django.db.models import Case, CharField, Count, Q, Value, When
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.agenda import applying_days
from policies.deadlines import deadlines, last_day, target_year, targets_of, with_deadline
from policies.models import Policy, Target
from policies.standing import applies_in
from tanxun.listing.access import may_read
from tanxun.listing.agenda import Event, in_order
from tanxun.listing.controls import chips, problems
from tanxun.listing.facets import kept
from tanxun.listing.feeds import NEWEST, Entry
from tanxun.listing.options import NONE, OneChoiceFilter, Option
from tanxun.listing.page import OWN_PARAMETERS, InvalidParametersError, ListPage, Rows
from tanxun.listing.question import FilterSet
from tanxun.listing.representation import Representation
from tanxun.listing.subscribing import subscriptions
from tanxun.listing.trees import RegionFilter
from tanxun.regions.models import place_words
from tanxun.regions.names import load
from tanxun.replicas import may_read_replica

from .agenda import dated, duty_days, events, still_kept, without_date
from .due import (
    AHEAD,
    BANDS,
    DAYS,
    DUTY,
    KINDS,
    OVERDUE,
    duty_on,
    falls_due,
    has_yearly_duty,
    in_order_of_duty,
    of_kind,
    span,
)
from .models import VerificationStatement
from .pages import StatementBodyFilter, type_filter
from .panels import table_rows
from .statement_columns import UNDISCLOSED
from .tally import RowCount, tally

SHOWN, AHEAD_SHOWN, DEADLINES_SHOWN, LONGEST = 25, 75, 12, 8
GLANCE = 100  # each row counted costs a look for what follows it up: so far the page itself counts
DEADLINE, TARGETS = "deadline", "targets"
OF_STATEMENTS = ("type", "body", "region")
FIELDS = ("kind", "type", "body", "region", "within")


# Worded for each visitor: `%` on a lazy text would word it once, in the language of the start.
days_words = lazy(lambda days: _("%s days") % days, str)


class DueFilterSet(FilterSet):
    within = OneChoiceFilter(
        label=gettext_lazy("Within"),
        choices=[(str(days), days_words(days)) for days in DAYS],
        default=str(DAYS[-1]),
    )
    kind = OneChoiceFilter(
        label=gettext_lazy("What falls due"), choices=[*KINDS, (DEADLINE, gettext_lazy("deadline of a policy"))], applies=of_kind
    )
    type = type_filter()
    body = StatementBodyFilter()
    region = RegionFilter(label=gettext_lazy("Region"), province="province")

    class Meta:
        model = VerificationStatement
        fields = []


def due_days(rows: Rows) -> list[Event]:
    """What the calendar of the board holds: its rows up to the last day asked for, and what was called off."""
    last = timezone.localdate() + dt.timedelta(days=int(rows.params.get("within", DAYS[-1])))
    found = rows.filters.filter_queryset(VerificationStatement.with_deleted.all())
    made = events([*dated(found.filter(still_kept(), due_on__lte=last)), *without_date(found)])
    if rows.params.get("kind", DUTY) == DUTY:
        made += duty_days(found.filter(has_yearly_duty(), deleted_at=None))
    if (places := Board(rows).places()) is not None:
        made += applying_days(places)
    return in_order(event for event in made if event.day <= last)


def due_entries(rows: Rows) -> list[Entry]:
    """What its feed holds: the days that stand, soonest first. Another day is another entry."""
    standing = [event for event in due_days(rows) if not event.is_cancelled][:NEWEST]
    return [
        Entry(f"{one.kind}/{one.key}/{one.day}", f"{one.day} {one.title}", one.url, one.changed, one.changed, one.told)
        for one in standing
    ]


class DuePage(ListPage):
    """Only the question and its refusals are a list's: the board draws its rows in groups."""

    address_name = "certifications:expiring"
    agenda, entries = due_days, due_entries

    slug, title = "expiring", gettext_lazy("Due soon")
    queryset = VerificationStatement.objects.all()
    filterset_class = DueFilterSet
    ordering = ("due_on", "pk")
    columns = ()

    def rows(self, params: QueryDict, user: Any = None) -> Rows:
        rows = super().rows(params, user)
        if turned := [name for name in OWN_PARAMETERS if name in rows.params]:
            raise InvalidParametersError({name: [_("There is no such parameter.")] for name in turned}, rows)
        return rows


class Group(NamedTuple):
    """Rows of one band, as many as are shown, and the list that holds them all."""

    key: str
    label: str
    count: RowCount
    url: str
    rows: list[VerificationStatement]

    @property
    def tone(self) -> str:
        return {OVERDUE: "expired", AHEAD[0]: "expiring"}.get(self.key, "")


class Share(NamedTuple):
    """A part of what falls due, and the list of it."""

    label: str
    count: int
    url: str


class Field(NamedTuple):
    """One choice of the form above the board; what is set by the address in other ways is carried along in `further`."""

    name: str
    label: str
    options: list[Option]
    value: str
    blank: str
    further: list[tuple[str, str]]
    errors: list[str]


def fields(rows: Rows, errors: dict[str, list[str]]) -> list[Field]:
    """The form above the board: one select for each filter, with what is wrong with it."""
    return [field(rows, name, errors.get(name, [])) for name in FIELDS]


def field(rows: Rows, name: str, errors: list[str]) -> Field:
    filter_ = rows.filters.filters[name]
    values = [value for value in rows.params.getlist(name) if "\0" not in value]
    options = places(values) if name == "region" else filter_.shown_options()
    blank = filter_.words(filter_.default) if name == "within" else _("all")
    further = [(name, value) for value in values[1:]] + [(f"{name}!", value) for value in rows.params.getlist(f"{name}!")]
    return Field(name, str(filter_.label), options, values[0] if values else "", blank, further, errors)


def places(chosen: list[str]) -> list[Option]:
    """The provinces, and the places of the address by their full names."""
    provinces = [Option(division.code, place_words(division.code)) for division in load() if not division.parent]
    known = {option.value for option in provinces}
    return [Option(code, place_words(code) or code) for code in chosen[:1] if code not in known] + provinces


class ExpiringView(Representation):
    page = DuePage()
    template_name = "certifications/expiring.html"

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Without the sign-in wall: it asks for rights itself, after the parameters."""
        view = may_read_replica(super().as_view(**initkwargs))
        view.login_required = False
        return view

    def refuse(self, request: HttpRequest, error: InvalidParametersError) -> HttpResponse:
        context = {"page": self.page, "problems": problems(error.rows, error.errors, FIELDS), "is_refused": True}
        if may_read(request):
            context["fields"] = fields(error.rows, error.errors)
        return render(request, self.template_name, context, status=400)

    def forbid(self, request: HttpRequest) -> HttpResponse | None:
        return None if may_read(request) else redirect_to_login(request.get_full_path())

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        return render(request, self.template_name, Board(rows).context() | subscriptions(rows, request))


class DueFigures(ExpiringView):
    """What the board counts in full: to htmx the part that the page fetches, to a browser without script the whole page."""

    def answer(self, request: HttpRequest, rows: Rows) -> HttpResponse:
        board = Board(rows, in_full=True)
        if request.headers.get("HX-Request"):
            response = render(request, "certifications/_due_figures.html", board.figures())
        else:
            response = render(request, self.template_name, board.context() | subscriptions(rows, request))
        patch_vary_headers(response, ("HX-Request",))
        return response


class Board:
    """One question answered: groups of statements and deadlines; `in_full` also how many by type, body and province."""

    def __init__(self, rows: Rows, in_full: bool = False) -> None:
        self.rows, self.params, self.in_full = rows, rows.params, in_full
        self.days = int(self.params.get("within", DAYS[-1]))
        self.ahead = [band for band in AHEAD if int(band) <= self.days]
        self.target_year = target_year(self.days)
        self.found = rows.found

    def context(self) -> dict[str, Any]:
        places = self.places()
        counts, parts = self.counted(places)
        dated = self.deadlines(places, counts)
        return {
            "page": self.rows.page,
            "fields": fields(self.rows, {}),
            "chips": chips(self.rows),
            "groups": self.groups(counts, self.rows_by_band(counts)),
            "shares": self.shares(parts),
            "in_full": self.in_full,
            "figures_address": f"{reverse('certifications:due-figures')}?{self.params.urlencode()}",
            "is_empty": not (any(counts[band] for band in self.bands) or dated.get("deadlines") or dated.get("targets")),
            **dated,
        }

    @property
    def bands(self) -> list[str]:
        """Of deadlines of policies none, as no statement falls due by them; a yearly duty stands in its own band alone."""
        dated = [OVERDUE, *self.ahead]
        return {None: [*dated, DUTY], DUTY: [DUTY], DEADLINE: []}.get(self.params.get("kind"), dated)

    def counted(self, places: Q | None) -> tuple[dict[str, RowCount], list[tuple[Any, ...]]]:
        """The counts and, in full, the parts: these are kept until something is written."""
        if not self.in_full:
            return self.counts(places), []
        return kept(self.rows, "board", lambda: (self.counts(places), self.parts))

    def figures(self) -> dict[str, Any]:
        """The part that the page fetches: exact counts and parts, without rows."""
        counts, parts = self.counted(self.places())
        return {"groups": self.groups(counts, {}), "shares": self.shares(parts), "is_part": True}

    def counts(self, places: Q | None) -> dict[str, RowCount]:
        """By band; in these places the policies with a deadline, and the targets of the year that ends."""
        late = self.found.filter(falls_due(OVERDUE)).order_by("-due_on")
        policies = with_deadline(places) if places is not None else Policy.objects.none()
        targets = targets_of(self.target_year, places) if places is not None and self.target_year else Target.objects.none()
        asked = {OVERDUE: late, DUTY: self.found.filter(falls_due(DUTY)), DEADLINE: policies, TARGETS: targets}
        if not self.in_full:
            return tally(GLANCE, **asked, **{band: self.found.filter(falls_due(band)).order_by("due_on") for band in self.ahead})
        ahead = {band: RowCount(sum(count for *_keys, of, count in self.parts if of == band)) for band in self.ahead}
        return ahead | tally(**asked)

    @cached_property
    def parts(self) -> list[tuple[Any, ...]]:
        """(type, body, whether undisclosed, province, band, count) of what falls due ahead: one query."""
        keys = ("statement_type__slug", "verification_body__slug", "is_body_undisclosed", "province", "band")
        bands = Case(*(When(due_on__lte=span(band)[1], then=Value(band)) for band in AHEAD), output_field=CharField())
        rows = self.found.filter(falls_due(*self.ahead)).annotate(band=bands).order_by()
        return list(rows.values_list(*keys).annotate(n=Count("pk")))

    def groups(self, counts: dict[str, RowCount], shown: dict[str, list[VerificationStatement]]) -> list[Group]:
        """Overdue first, the longest overdue last; then what comes next; then duties."""
        labels = dict(BANDS)
        return [Group(band, labels[band], counts[band], self.listed(due=[band]), shown.get(band, [])) for band in self.bands]

    def rows_by_band(self, counts: dict[str, RowCount]) -> dict[str, list[VerificationStatement]]:
        rows = table_rows(self.found)
        late = list(rows.filter(falls_due(OVERDUE)).order_by("-due_on", "-pk")[:SHOWN]) if counts[OVERDUE] else []
        near = list(rows.filter(falls_due(*self.ahead))[:AHEAD_SHOWN]) if any(counts[band] for band in self.ahead) else []
        duties = list(rows.filter(falls_due(DUTY)).order_by(*in_order_of_duty())[:SHOWN]) if counts[DUTY] else []
        for one in duties:
            one.due_on, one.is_due_computed = duty_on(one.dated_on), True
        made = {OVERDUE: late, DUTY: duties}
        for one in near:
            made.setdefault(self.band_of(one.due_on), []).append(one)
        return {band: found[:SHOWN] for band, found in made.items()}

    def band_of(self, day: dt.date) -> str:
        left = (day - timezone.localdate()).days
        return next(band for band in AHEAD if left <= int(band))

    def shares(self, counted: list[tuple[Any, ...]]) -> list[tuple[str, list[Share]]]:
        """What falls due ahead by type, by body and by province, the largest parts first."""
        parts: dict[str, dict[str, int]] = {"type": {}, "body": {}, "region": {}}
        for kind, body, is_undisclosed, province, _band, count in counted:
            named = body or (UNDISCLOSED if is_undisclosed else NONE)
            for name, value in (("type", kind), ("body", named), ("region", province or NONE)):
                parts[name][value] = parts[name].get(value, 0) + count
        heads = {"type": _("Ahead, by type"), "body": _("Ahead, by body"), "region": _("Ahead, by province")}
        if "region" in self.params:
            del parts["region"]  # a province is more than the place that is asked for
        return [(heads[name], self.largest(name, values)) for name, values in parts.items() if values]

    def largest(self, name: str, values: dict[str, int]) -> list[Share]:
        words = self.rows.filters.filters[name].words
        top = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:LONGEST]
        return [Share(words(value), count, self.listed(due=self.ahead, **{name: [value]})) for value, count in top]

    def listed(self, **values: list[str]) -> str:
        """The list of statements with the filters of this board and these values instead of theirs."""
        query = QueryDict(mutable=True)
        for name, given in self.params.lists():
            if name.rstrip("!") in OF_STATEMENTS and name not in values:
                query.setlist(name, given)
        if kind := self.params.get("kind"):
            query["due_kind"] = kind
        for name, given in values.items():
            query.setlist(name, given)
        return f"{reverse('statements')}?{query.urlencode()}"

    def places(self) -> Q | None:
        """Policies whose deadlines belong here: those that apply in the region; None where statements alone are asked for."""
        codes, kind = self.params.getlist("region"), self.params.get("kind", DEADLINE)
        narrowed = {"type", "type!", "body", "body!", "region!"} & set(self.params)
        if kind != DEADLINE or NONE in codes or narrowed:
            return None
        return applies_in(codes) if codes else Q()

    def deadlines(self, places: Q | None, counts: dict[str, RowCount]) -> dict[str, Any]:
        if places is None:
            return {}
        found = deadlines(self.days, DEADLINES_SHOWN, places)
        year = self.target_year if counts[TARGETS] else None
        return {
            "deadlines": [(one, place_words(one.region_id) if one.region_id else _("nationwide")) for one in found],
            "deadline_count": counts[DEADLINE],
            "deadlines_url": self.in_force("policies", has="deadline"),
            "targets": (last_day(year), counts[TARGETS], self.in_force("targets", year=str(year))) if year else None,
            "open_url": self.in_force("incentives", open="1"),
        }

    def in_force(self, page: str, **values: str) -> str:
        """A list about policies with these values, of what applies in the region that the board is asked for."""
        query = QueryDict(mutable=True)
        query.update(values)
        if codes := self.params.getlist("region"):
            query.setlist("region", codes)
            query["scope"] = "applies"
        return f"{reverse(page)}?{query.urlencode()}"
