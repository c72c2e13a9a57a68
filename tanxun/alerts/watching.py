"""What a subscription looks at: the rows of a list, and which of them are new or changed since its mark. Asked by `letters`
and `planning`.

The mark is the key of an entry in the history of the list's records: it moves whatever the clock does, and costs the same for
ten rows as for 100,000.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F, Max, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from certifications.models import VerificationStatement
from policies.models import Incentive, Policy
from tanxun.listing.page import InvalidParametersError, Rows, UnknownPageError, find, pages
from tanxun.listing.wording import filled
from tanxun.records.models import CONFIRMED

from .models import Subscription

PARTS = 4  # columns that make the line of a record
LOOKS, LOOK_SECONDS = 400, 0.05  # some 20 seconds


class NotSettledError(Exception):
    """Somebody is still writing what began before: another round will see all of it."""


class Line(NamedTuple):
    """One record in a mail: words that lead to it."""

    title: str
    note: str
    url: str


@dataclass(frozen=True)
class Watched:
    """The rows of a list that a subscription looks at, and the whole address of that list."""

    rows: Rows
    condition: Q
    url: str

    @property
    def model(self) -> Any:
        return self.rows.page.queryset.model

    @property
    def records(self) -> QuerySet:
        """In no order."""
        return self.rows.narrowed.filter(self.condition)

    def told(self, after: int, upto: int, kind: str) -> Q:
        """Those with an entry of that kind (`+` first seen, `~` changed; not: confirmed) between two marks."""
        entries = self.model.history.model.objects.filter(history_id__gt=after, history_id__lte=upto, history_type=kind)
        return Q(pk__in=entries.exclude(history_change_reason=CONFIRMED).order_by().values("id"))

    def new(self, after: int, upto: int) -> Q:
        return self.told(after, upto, "+")

    def changed(self, after: int, upto: int) -> Q:
        return self.told(after, upto, "~") & ~self.told(after, upto, "+")

    def count(self, which: Q, limit: int) -> int:
        """Up to one more than `limit`."""
        return self.records.filter(which).order_by().values("pk")[: limit + 1].count()

    def lines(self, which: Q, limit: int) -> Iterator[Line]:
        """The first of them in the order of the list, worded as its first columns are."""
        columns = self.rows.page.shown_columns[:PARTS]
        parts = {f"part_{number}": column.in_file(typed=False) for number, column in enumerate(columns)}
        address = filled(self.rows.page.record_address, "key", F("pk"))
        found = self.rows.found.filter(self.condition).filter(which).annotate(**parts, address=address)
        for title, *notes, url in found.values_list(*parts, "address")[:limit]:
            yield Line(title or "", " · ".join(filter(None, notes)), url)

    def statements(self) -> QuerySet[VerificationStatement] | None:
        """The statements whose due dates belong to it; None for a list that has none."""
        if self.model is VerificationStatement:
            return self.records
        if self.rows.page.slug == "companies":
            return VerificationStatement.objects.filter(company__in=self.records.values("pk"))
        return None

    def policies(self) -> QuerySet[Policy] | None:
        """The policies whose deadlines belong to it."""
        return self.records if self.model is Policy else None

    def incentives(self) -> QuerySet[Incentive] | None:
        """The incentives whose last days belong to it."""
        if self.model is Incentive:
            return self.records
        policies = self.policies()
        return None if policies is None else Incentive.objects.filter(policy__in=policies.values("pk"))


def watched(subscription: Subscription) -> Watched | None:
    """None where its list is no more, or no longer understands the filter."""
    if subscription.saved_filter:
        slug, query, condition = subscription.saved_filter.page, subscription.saved_filter.query, Q()
        path = reverse("saved-open", args=[subscription.saved_filter.pk])
    elif subscription.company:
        slug, query, condition = "statements", f"company={subscription.company.pk}", Q()
        path = subscription.company.get_absolute_url()
    else:
        slug, query, condition = "policies", "", Q(pk=subscription.policy_id)
        path = subscription.policy.get_absolute_url()
    try:
        return Watched(find(slug).rows(QueryDict(query)), condition, f"{settings.SITE_URL}{path}")
    except (UnknownPageError, InvalidParametersError):
        return None


def newest_mark(model: Any) -> int:
    """The mark of a list's records as it stands now."""
    return model.history.model.objects.aggregate(newest=Max("history_id"))["newest"] or 0


def newest_marks() -> dict[str, int]:
    """Of every list, by its name."""
    return {page.slug: newest_mark(page.queryset.model) for page in pages()}


def begin(subscription: Subscription) -> None:
    """All that there is now is known to them: they are told of what comes."""
    found = watched(subscription)
    subscription.seen = subscription.began = newest_mark(found.model) if found else 0
    subscription.since = timezone.localdate()


def settle() -> None:
    """Wait until every transaction that writes now has ended, so that no entry comes in below a mark that was read before.

    PostgreSQL gives keys out before the commit. SQLite has one writer at a time. Raises NotSettledError.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        before = writing(cursor)
        for _look in range(LOOKS):
            if not before or not before & writing(cursor):
                return
            time.sleep(LOOK_SECONDS)
    raise NotSettledError


# Each transaction that has written holds the lock of its number until what it wrote can be seen. A snapshot would not do: it
# tells of the whole server, neighbouring databases too, and not of who began after the last one that has ended.
WRITING = """
    SELECT held.transactionid::text::bigint FROM pg_locks held LEFT JOIN pg_stat_activity session USING (pid)
    LEFT JOIN pg_prepared_xacts prepared ON prepared.transaction = held.transactionid
    WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.pid IS DISTINCT FROM pg_backend_pid()
    AND coalesce(session.datname, prepared.database) = current_database()
"""


def writing(cursor: Any) -> set[int]:
    """The numbers of the transactions of others that have written here and are not over."""
    cursor.execute(WRITING)
    return {number for (number,) in cursor.fetchall()}
