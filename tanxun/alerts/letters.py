"""What stands in a person's mail: reminders, news of what they follow, on Mondays what falls due and what waits for them.

Made when it is sent, from marks alone: it tells what is so then, to who may know it then. Asked by `planning` (whether there is
anything) and by `mail`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.models import VerificationStatement
from policies.models import Incentive, Policy
from tanxun.digest.models import Draft

from .models import Cadence, Message, Subscription
from .reminders import APPLY, COMMENT, STATEMENT, live_statements, open_incentives, open_policies, still_so
from .watching import Line, Watched

MOST_LINES = 200
COUNT_LIMIT = 10_000
BOARD_DAYS = 90
REVIEW_PERMISSION = "site.review_drafts"
Followed = list[tuple[Subscription, Watched]]


@dataclass
class Section:
    """A heading that leads to the list of it all; how many there are, and the first of them. `part` says what of."""

    part: str
    title: str
    count: int
    url: str
    lines: list[Line] = field(default_factory=list)
    is_more: bool = False
    above: int = 0  # so many of them stand in an earlier section
    subscription: Subscription | None = None

    @property
    def count_words(self) -> str:
        return capped(self.count, self.is_more)

    @property
    def is_cut(self) -> bool:
        return self.is_more or (len(self.lines) + self.above < self.count and self.part != waiting())


def capped(count: int, is_more: bool = False) -> str:
    """Exact, or how far it was counted."""
    return f"{min(count, COUNT_LIMIT):,}{'+' if is_more or count > COUNT_LIMIT else ''}"


def waiting() -> str:
    return _("Waiting for review")


@dataclass
class Letter:
    subject: str
    sections: list[Section]


def name_of(payload: dict[str, Any]) -> str:
    """What the queue calls it."""
    day = dt.date.fromisoformat(payload["day"])
    year, week, _weekday = day.isocalendar()
    return (
        _("Weekly digest %(week)s") % {"week": f"{year}-W{week:02}"}
        if payload["is_weekly"]
        else _("News of %(day)s") % {"day": day}
    )


def has_something(user: Any, payload: dict[str, Any], followed: Followed) -> bool:
    """Whether there is anything to tell beside reminders."""
    return any(True for _section in (*news(payload, followed, 1), *board(user, payload, followed, 1)))


def letter(message: Message, user: Any, followed: Followed) -> Letter | None:
    """The whole mail, MOST_LINES at most; None where there is nothing to tell any more."""
    sections = list(reminders(message, followed, MOST_LINES))
    for more in (news, board):
        room = MOST_LINES - sum(len(section.lines) for section in sections)
        given = (message.payload, followed, room) if more is news else (user, message.payload, followed, room)
        sections += more(*given)
    return Letter(subject(message.payload, sections), sections) if sections else None


def subject(payload: dict[str, Any], sections: list[Section]) -> str:
    """A single reminder says of what; else how many of what."""
    if not payload["is_weekly"] and len(sections) == 1 and sections[0].count == 1 and sections[0].lines:
        line = sections[0].lines[0]
        return f"{line.title}: {line.note}"
    counts = ", ".join(f"{part} {words}" for part, words in totals(sections))
    return f"{name_of(payload)}: {counts}"


def totals(sections: Iterable[Section]) -> Iterator[tuple[str, str]]:
    parts: dict[str, tuple[int, bool]] = {}
    for section in sections:
        count, is_more = parts.get(section.part, (0, False))
        parts[section.part] = count + section.count - section.above, is_more or section.is_more
    for part, (count, is_more) in parts.items():
        yield part, capped(count, is_more)


def reminders(message: Message, followed: Followed, limit: int) -> Iterator[Section]:
    rows = still_so(message, [one.pk for one, _what in followed])
    count = rows.count()
    if count:
        shown = [(one.kind, one.record, one.due_on) for one in rows[:limit]]
        yield Section(_("Reminders"), _("Falls due"), count, absolute("certifications:expiring"), due_lines(shown))


def news(payload: dict[str, Any], followed: Followed, room: int) -> Iterator[Section]:
    """New and changed records of what they follow. A record stands once, where it comes first; what was told day by day is not
    told again.
    """
    windows = {one.pk: payload["news"].get(str(one.pk), (0, 0)) for one, _what in followed}
    daily = [(what, one.began, windows[one.pk][0]) for one, what in followed if one.cadence == Cadence.DAILY]
    shown: set[str] = set()
    for subscription, what in followed:
        after, upto = windows[subscription.pk]
        if upto <= after:
            continue
        fresh = Q()
        for other, first, last in daily:
            if other.model is what.model and max(first, after) < min(last, upto):
                fresh &= ~seen(other, max(first, after), min(last, upto))
        for part, which in ((_("New"), what.new(after, upto)), (_("Changed"), what.changed(after, upto))):
            count = what.count(which & fresh, COUNT_LIMIT)
            lines = list(what.lines(which & fresh, room + len(shown))) if count else []
            mine = [line for line in lines if line.url not in shown][:room]
            above = sum(line.url in shown for line in lines)
            if count > above:
                room -= len(mine)
                shown.update(line.url for line in mine)
                yield Section(part, str(subscription), count, what.url, mine, above=above, subscription=subscription)


def seen(what: Watched, after: int, upto: int) -> Q:
    """What a subscription tells between two marks."""
    return Q(pk__in=what.records.filter(what.told(after, upto, "+") | what.told(after, upto, "~")).order_by().values("pk"))


def board(user: Any, payload: dict[str, Any], followed: Followed, room: int) -> Iterator[Section]:
    """On Mondays: what falls due within BOARD_DAYS of what they follow, and for reviewers the drafts that wait."""
    if not payload["is_weekly"]:
        return
    days = near(followed, MOST_LINES + 1)
    if days:
        title, url = _("Within %(days)s days") % {"days": BOARD_DAYS}, absolute("certifications:expiring")
        count = min(len(days), MOST_LINES)
        yield Section(_("Due soon"), title, count, url, due_lines(days[:room]), is_more=len(days) > count)
    drafts = Draft.objects.filter(status=Draft.Status.PENDING).count() if user.has_perm(REVIEW_PERMISSION) else 0
    if drafts:
        yield Section(waiting(), _("Drafts"), drafts, absolute("digest:inbox"))


def near(followed: Followed, limit: int) -> list[tuple[str, int, dt.date]]:
    """(kind, record, day) of the soonest due dates and deadlines, each once."""
    today = timezone.localdate()
    ahead = (today, today + dt.timedelta(days=BOARD_DAYS))
    found: set[tuple[str, int, dt.date]] = set()
    for _subscription, what in followed:
        asked = (
            (STATEMENT, live_statements(), what.statements(), "due_on"),
            (COMMENT, open_policies(), what.policies(), "comment_by"),
            (APPLY, open_incentives(), what.incentives(), "apply_by"),
        )
        for kind, live, mine, name in asked:
            if mine is not None:
                rows = live.filter(**{f"{name}__range": ahead, "pk__in": mine.order_by().values("pk")}).order_by(name, "pk")
                found.update((kind, pk, day) for pk, day in rows.values_list("pk", name)[:limit])
    return sorted(found, key=lambda one: (one[2], one[0], one[1]))[:limit]


def due_lines(days: list[tuple[str, int, dt.date]]) -> list[Line]:
    """Worded by one query for each kind."""
    keys = {kind: [pk for known, pk, _day in days if known == kind] for kind in (STATEMENT, COMMENT, APPLY)}
    statements = VerificationStatement.objects.select_related("company", "statement_type", "programme")
    records: dict[tuple[str, int], Any] = {}
    for kind, rows in (
        (STATEMENT, statements),
        (COMMENT, Policy.objects.all()),
        (APPLY, Incentive.objects.select_related("policy")),
    ):
        if keys[kind]:
            records |= {(kind, one.pk): one for one in rows.filter(pk__in=keys[kind])}
    return [due_line(records[kind, pk], kind, day) for kind, pk, day in days if (kind, pk) in records]


def due_line(record: Any, kind: str, day: dt.date) -> Line:
    words = {
        STATEMENT: _("computed: due on %(day)s") if getattr(record, "is_due_computed", False) else _("due on %(day)s"),
        COMMENT: _("comment by %(day)s"),
        APPLY: _("apply by %(day)s"),
    }
    title = f"{record.policy}: {record}" if kind == APPLY else str(record)
    url = f"{settings.SITE_URL}{record.get_absolute_url()}"
    return Line(title, f"{words[kind] % {'day': day}}, {days_left((day - timezone.localdate()).days)}", url)


def days_left(days: int) -> str:
    if days < 0:
        return ngettext("overdue for %(count)s day", "overdue for %(count)s days", -days) % {"count": -days}
    if not days:
        return _("today")
    return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}


def absolute(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"
