"""The whole way of a sheet: read, match, check and stage every row; then one transaction that only moves rows.

Asked by the job of the import pages and by `import_statements`. A dry run goes the same way and writes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.models import Company, VerificationStatement
from tanxun.jobs.yielding import unyielding
from tanxun.search import index

from .companies import Companies
from .findings import Findings, State
from .guard import SheetError, TryLaterError
from .heads import Heads, HeadsError, find_heads
from .moving import Move, StaleError
from .reading import Row, SheetFile
from .rows import RowReader
from .statements import Statements
from .words import Words

CHUNK = 2_000
MOST_TRIES = 3
# More than this, and other writers of SQLite would wait too long for the one transaction: they give up after 20 s.
MOST_ON_SQLITE = 200_000
# Where the indexes are large, each row writes further pages of them: at a million statements so many rows hold the lock for 13 s.
MANY_STORED, MOST_INTO_MANY = 500_000, 75_000
Say = Callable[[int, int, str], Any]


@dataclass(frozen=True)
class Options:
    """How a sheet is to be taken. `meanings` are those of heads, by their words; `reason` stands in the history, `note` is
    the source of every new statement. `is_offline`: nobody else waits for SQLite.
    """

    meanings: dict[str, str] = field(default_factory=dict)
    updates: bool = False
    is_partial: bool = False
    is_offline: bool = False
    writes: bool = False
    user: int | None = None
    reason: str = ""
    note: str = ""


@dataclass
class Outcome:
    """What came of it. `moment` is the one of everything that was written, None where nothing was."""

    heads: Heads
    findings: Findings = field(default_factory=Findings)
    made_bodies: list[str] = field(default_factory=list)
    made_issuers: list[str] = field(default_factory=list)
    new_companies: int = 0
    moment: dt.datetime | None = None

    @property
    def is_refused(self) -> bool:
        """Whether errors kept everything from being written."""
        return self.moment is None and bool(self.findings.counts[State.WRONG.value])


def take(
    path: Path, options: Options, say: Say, effect: Callable[[Outcome], AbstractContextManager[Any]] | None = None
) -> Outcome:
    """Check the sheet, and with `options.writes` bring it in. Raises SheetError for a file that cannot be taken, HeadsError for
    one whose columns a person must name.

    `say(done, total, words)` is told how far it is and may raise. `effect(outcome)` is the transaction to write in.
    """
    with SheetFile(path) as sheet:
        heads = find_heads(sheet.first_rows(), options.meanings)
        if heads.problem:
            raise HeadsError(heads)
        for tries in range(1, MOST_TRIES + 1):
            try:
                return _attempt(sheet, heads, options, say, effect or _plain_effect)
            except (StaleError, IntegrityError):
                if tries == MOST_TRIES:
                    break
    raise TryLaterError(_("Others kept writing the same records: nothing was written. Start the import again."))


def _plain_effect(outcome: Outcome) -> AbstractContextManager[Any]:
    return transaction.atomic()


def _attempt(
    sheet: SheetFile, heads: Heads, options: Options, say: Say, effect: Callable[[Outcome], AbstractContextManager[Any]]
) -> Outcome:
    outcome = Outcome(heads)
    findings = outcome.findings
    moment = timezone.now()
    started = Company.with_deleted.aggregate(last=models.Max("pk"))["last"] or 0
    words = Words(is_reserved=options.writes)
    companies = Companies(Company(created_at=moment, updated_at=moment), is_reserved=options.writes)
    template = VerificationStatement(source_note=options.note[:200], created_at=moment, updated_at=moment)
    statements = Statements(template, companies, findings, updates=options.updates, is_reserved=options.writes)
    reader = RowReader(heads.columns(), words, counts_from_1904=sheet.kind.counts_from_1904)
    total = sheet.count()
    done = 0
    for chunk in _chunks(row for row in sheet.rows() if row[0] > heads.row):
        statements.take([reader.read(row) for row in chunk])
        done += len(chunk)
        say(done, total, _("Checking rows"))
    if not done:
        raise SheetError(_("There is no row below the heads."))
    for part in (words, companies, statements):
        part.finish()
    move = Move(words, companies, statements, findings)
    move.check()
    has_errors = bool(findings.counts[State.WRONG.value])
    if has_errors:
        move.prune()
    outcome.made_bodies, outcome.made_issuers = words.staged_bodies(), words.staged_issuers()
    outcome.new_companies = companies.new.count
    if not options.writes or (has_errors and not options.is_partial):
        return outcome
    if not options.is_offline:
        _refuse_long(statements.new.count + statements.changed.count)
    say(total, total, _("Writing"))
    with unyielding(), move.room(), effect(outcome):
        move.write(moment, started, options.user, options.reason)
        outcome.moment = moment
    return outcome


def _refuse_long(moved: int) -> None:
    if connection.vendor != "sqlite" or moved <= MOST_INTO_MANY:
        return
    newest = VerificationStatement.with_deleted.aggregate(last=models.Max("pk"))["last"] or 0
    if newest > MANY_STORED:
        words = _(
            "%(count)s rows would be written. Among so many statements, more than %(most)s at once keep others waiting too long:"
            " bring the sheet in parts, or stop the site and import it at the command line with --offline."
        )
        raise TryLaterError(words % {"count": f"{moved:,}", "most": f"{MOST_INTO_MANY:,}"})


def write_index(say: Say) -> None:
    """Make what came in findable: the search index follows the marks that the move left, some at a time."""
    words = _("Writing the search index")
    say(0, 0, words)
    index.write_all(say=lambda done: say(done, 0, words))


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    for first in rows:
        yield [first, *islice(rows, CHUNK - 1)]


def is_too_large_for_sqlite(path: Path) -> bool:
    """Whether others should not be at work while this sheet is written."""
    if connection.vendor != "sqlite":
        return False
    with SheetFile(path) as sheet:
        return sheet.count() > MOST_ON_SQLITE
