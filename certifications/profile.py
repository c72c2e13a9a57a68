"""What a company's statements say over time: bars over years, and the periods that none covers. For the company's page."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Validity, ValidityRule, VerificationStatement
from .models.validity import ENDED_BY_REGISTER, add_months

QUIET_MONTHS = 12
MOST_YEARS = 12
MOST_LABELS = 8
ON_THE_WAY = "onway"
HEAD, LABEL, ROW = 22, 22, 26  # heights in pixels: the years, the name of a type, a row of bars


@dataclass(frozen=True)
class Bar:
    """A statement on the axis, from `left` over `width` (percent of its length); `mark` is where the next one falls due.

    A statement of which only one day is known has no width. `tone` is its validity; `is_open` says that no end is known.
    """

    url: str
    words: str
    tone: str
    top: int
    left: str
    width: str
    is_open: bool
    mark: str


@dataclass
class Lane:
    """The bars of one type, in as many rows as overlap asks for; `missing` are the years that none covers, as (left, width)."""

    label: str
    top: int
    bars: list[Bar] = field(default_factory=list)
    missing: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def baseline(self) -> int:
        return self.top + LABEL - 6

    @property
    def first_row(self) -> int:
        return self.top + LABEL


@dataclass
class Timeline:
    """Lanes under an axis of years: `years` are (left, year), `now` is today's place."""

    years: list[tuple[str, str]]
    now: str
    lanes: list[Lane]
    height: int
    is_cut: bool

    @property
    def signs(self) -> set[str]:
        """What is drawn, for the key: the tones of bars, `day` for a lone day, `missing`, `due`."""
        bars = [bar for lane in self.lanes for bar in lane.bars]
        found = {str(bar.tone) if bar.width else "day" for bar in bars}
        found |= {"due"} if any(bar.mark for bar in bars) else set()
        return found | ({"missing"} if any(lane.missing for lane in self.lanes) else set())


class Axis:
    """Whole years as percent of a length."""

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last
        self.start = dt.date(first, 1, 1)
        self.days = (dt.date(last + 1, 1, 1) - self.start).days

    def place(self, day: dt.date) -> float:
        return min(max((day - self.start).days / self.days * 100, 0), 100)

    def years(self) -> list[tuple[str, str]]:
        """Every year, or every second, third … where they would not fit."""
        step = -(-(self.last - self.first + 1) // MOST_LABELS)
        return [(percent(self.place(dt.date(year, 1, 1))), str(year)) for year in range(self.first, self.last + 1, step)]


def percent(value: float) -> str:
    return f"{value:.2f}%"


def extent(one: VerificationStatement) -> tuple[dt.date, dt.date | None]:
    """First and last day that a statement speaks of: its period, its validity, its time on the list; None is no end known."""
    rule = one.statement_type.validity_rule
    if rule == ValidityRule.REPORTING_PERIOD and one.period_end:
        return one.period_start or add_months(one.period_end, -12), one.period_end
    if rule == ValidityRule.MEMBERSHIP:
        return one.dated_on, one.removed_on or one.valid_until or max(timezone.localdate(), one.dated_on)
    return one.dated_on, one.valid_until and max(one.valid_until, one.dated_on)


def timeline(statements: Sequence[VerificationStatement]) -> Timeline | None:
    """The statements (newest first) as bars, at most MOST_YEARS back from the last day; None where there are none."""
    if not statements:
        return None
    today = timezone.localdate()
    ends = [day for one in statements for day in (extent(one)[1], one.dated_on, one.due_on) if day]
    last = min(max(*ends, today).year, today.year + MOST_YEARS // 2)
    first = min(extent(one)[0].year for one in statements)
    axis = Axis(max(first, last - MOST_YEARS + 1), last)
    lanes, top = [], HEAD
    for group in by_type(statements):
        lane, rows = lane_of(group, top, axis)
        if lane.bars:
            lanes.append(lane)
            top += LABEL + rows * ROW
    return Timeline(axis.years(), percent(axis.place(today)), lanes, top, first < axis.first)


def by_type(statements: Sequence[VerificationStatement]) -> Iterable[list[VerificationStatement]]:
    """The statements of each type, in the order in which the types first appear."""
    groups: dict[int, list[VerificationStatement]] = {}
    for one in statements:
        groups.setdefault(one.statement_type_id, []).append(one)
    return groups.values()


def lane_of(statements: Sequence[VerificationStatement], top: int, axis: Axis) -> tuple[Lane, int]:
    """The lane of one type and its number of rows. A bar takes the first row that is free."""
    lane = Lane(str(statements[0].statement_type), top)
    free: list[dt.date] = []  # for each row the first day on which it is free again
    latest = max(statements, key=lambda one: (one.period_end or dt.date.min, one.pk))
    for one in sorted(statements, key=lambda one: (extent(one)[0], one.pk)):
        start, end = extent(one)
        until = end or add_months(start, 6)
        if until < axis.start:
            continue
        row = next((number for number, day in enumerate(free) if day <= start), len(free))
        free[row : row + 1] = [until]
        mark = percent(axis.place(one.due_on)) if one is latest and one.is_due_computed else ""
        left, right = axis.place(start), axis.place(end or start)
        width = percent(max(right - left, 1)) if end else ""
        is_open = one.statement_type.validity_rule == ValidityRule.MEMBERSHIP and not (one.removed_on or one.valid_until)
        lane.bars.append(
            Bar(one.get_absolute_url(), said(one), tone(one), lane.first_row + row * ROW, percent(left), width, is_open, mark)
        )
    lane.missing = [
        (percent(axis.place(dt.date(year, 1, 1))), percent(36500 / axis.days), str(year))
        for year in missing_years(statements)[1]
        if year >= axis.first
    ]
    return lane, len(free)


def tone(one: VerificationStatement) -> str:
    """The validity of a bar; what was verified for a period stays so, whether or not the next one is due. Who is only on the
    way onto a list has a tone of its own.
    """
    if one.is_not_yet_accepted and one.validity not in (*ENDED_BY_REGISTER, Validity.EXPIRED):
        return ON_THE_WAY
    is_covered = one.statement_type.validity_rule == ValidityRule.REPORTING_PERIOD and one.period_end
    return Validity.VALID if is_covered and one.validity not in ENDED_BY_REGISTER else one.validity


def said(one: VerificationStatement) -> str:
    """A bar in words: type, days, validity."""
    start, end = extent(one)
    days = f"{start.isoformat()} – {end.isoformat()}" if end else start.isoformat()
    stage = f" · {one.get_list_stage_display()}" if one.is_not_yet_accepted else ""
    return f"{one.statement_type} · {days} · {one.validity_label}{stage}"


def missing_years(statements: Sequence[VerificationStatement]) -> tuple[list[int], list[int]]:
    """(covered, missing) years of statements of one type on periods; both empty for a type of another rule.

    Missing is a year after the first covered one whose statement is more than a cycle late.
    """
    kind = statements[0].statement_type
    covered: set[int] = set()
    for one in statements:
        if kind.validity_rule == ValidityRule.REPORTING_PERIOD and one.period_end:
            covered |= set(range((one.period_start or one.period_end).year, one.period_end.year + 1))
    if not covered:
        return [], []
    late = [
        year
        for year in range(min(covered), timezone.localdate().year)
        if add_months(dt.date(year, 12, 31), kind.cycle_months or 12) < timezone.localdate()
    ]
    return sorted(covered), sorted({*range(min(covered), max(covered)), *late} - covered)


def gaps(statements: Sequence[VerificationStatement]) -> list[str]:
    """Sentences on what is missing: years that no statement covers, and a long time without any. Newest statement first."""
    sentences = []
    for group in by_type(statements):
        covered, missing = missing_years(group)
        if missing:
            words = {"type": group[0].statement_type, "covered": year_words(covered), "missing": year_words(missing)}
            sentences.append(_("%(type)s: has %(covered)s; %(missing)s missing.") % words)
    return sentences + quiet(statements)


def year_words(years: list[int]) -> str:
    """2019–2021, 2023: runs of three and more as a span."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def quiet_since(months: int) -> dt.date:
    """Who has no statement dated after this day has had none for so many months: here and in the filter `gap`."""
    return add_months(timezone.localdate(), -months)


def quiet(statements: Sequence[VerificationStatement]) -> list[str]:
    """One sentence where there was no statement for QUIET_MONTHS months; newest statement first."""
    if not statements or (last := statements[0].dated_on) > quiet_since(QUIET_MONTHS):
        return []
    today = timezone.localdate()
    months = (today.year - last.year) * 12 + today.month - last.month - (today.day < last.day)
    return [_("No statement for %(months)s months.") % {"months": months}]
