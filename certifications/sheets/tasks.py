"""What the import pages have done in the background: checking a sheet, bringing it in, taking it back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, override

from certifications.models import Conflict, HeadMeaning, SheetImport
from tanxun.jobs.attempt import Attempt, JobError
from tanxun.jobs.models import Job, fingerprint
from tanxun.jobs.queue import start, work
from tanxun.jobs.yielding import unyielding
from tanxun.records.proposals import as_approved, shown_of, signature

from .findings import State
from .guard import SheetError, TryLaterError
from .heads import Heads, HeadsError
from .intake import Options, Outcome, take, write_index
from .report import report_bytes
from .undo import take_back

RIGHT = "certifications.add_sheetimport"
SHOWN = 200


@work
def check(job: Attempt, sheet: int) -> dict[str, Any]:
    """Read and match every row, write nothing."""
    user, record = job.require(RIGHT), found(job, sheet)
    outcome = taken(job, record, options_of(record, user, writes=False))
    if outcome is None:
        return {"words": _("The columns are to be named."), "url": record.get_absolute_url()}
    put_back(job, record, outcome)
    return {"words": in_words(outcome), "url": record.get_absolute_url(), "label": _("Look at it")}


@work
@as_approved
def bring_in(job: Attempt, sheet: int) -> dict[str, Any]:
    """The same, and write it: one step. Then the search index, which an interrupted attempt leaves to the next."""
    user, record = job.require(RIGHT), found(job, sheet)
    if "written" not in job.result:
        try:
            outcome = taken(job, record, options_of(record, user, writes=True), written_step(job, record))
        except MovedError as moved:
            put_back(job, record, moved.outcome)
            words = _("Something else would be written than was checked: nothing was written. Look at what would come of it now.")
            raise JobError(words) from None
        if outcome is None or outcome.moment is None:
            if outcome:
                put_back(job, record, outcome)
            raise JobError(_("Some rows have errors: nothing was written. Look at them, or bring in the others alone."))
    write_index(lambda done, total, words: job.progress(done, total or None, words))
    record.path.unlink(missing_ok=True)
    return {"words": job.result["written"], "url": record.get_absolute_url(), "label": _("Look at it")}


@work
@as_approved
def undo(job: Attempt, sheet: int) -> None:
    """Take back what the import added."""
    user = job.require(RIGHT)
    record = SheetImport.objects.filter(pk=sheet, state=SheetImport.State.WRITTEN).first()
    if record is None or record.written_at is None:
        raise JobError(_("This import was not written, or is taken back already."))
    with unyielding(), job.effect():
        back = take_back(record.written_at, user.pk, reason(gettext_noop("Import taken back: %(name)s"), record))
        Conflict.objects.filter(resolved_at=None, found_at=record.written_at).delete()
        SheetImport.objects.filter(pk=record.pk).update(state=SheetImport.State.UNDONE)
        count = back.statements
        words = ngettext("%(count)s statement deleted.", "%(count)s statements deleted.", count) % {"count": count}
        if back.kept_statements:
            words += " " + _("%(count)s were changed since and stay.") % {"count": back.kept_statements}
        words += " " + _("Companies: %(gone)s deleted, %(kept)s stay.") % {"gone": back.companies, "kept": back.kept_companies}
        job.result |= {"words": words, "url": record.get_absolute_url()}


class MovedError(Exception):
    """Something else would come of it than the check had found: `outcome`."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def put_back(job: Attempt, record: SheetImport, outcome: Outcome) -> None:
    """Checked, and nothing of it written. Raises as `keep` does."""
    with job.step():
        keep(record, state=SheetImport.State.CHECKED, **told_by(outcome))
        keep_report(record, outcome)


def keep(record: SheetImport, **values: Any) -> None:
    """Only these columns, and in a transaction that only the holder of the job commits: a late check must not undo what others
    wrote to the record. Raises JobError where the sheet was brought in meanwhile.
    """
    if not SheetImport.objects.filter(pk=record.pk).exclude(state__in=SheetImport.OVER).update(**values):
        record.refresh_from_db(fields=["state"])
        raise JobError(no_longer(record))


@contextmanager
def _step(job: Attempt, record: SheetImport, outcome: Outcome) -> Iterator[None]:
    with job.step():
        if record.heads not in ([], pairs(outcome.heads)):  # said of another sheet meanwhile
            raise MovedError(outcome)
        if shown_of(job) is not None and record.found_digest != outcome.findings.sums.hexdigest():
            raise MovedError(outcome)
        yield
        keep(record, state=SheetImport.State.WRITTEN, written_at=outcome.moment, **told_by(outcome))
        keep_report(record, outcome)  # before it is committed: a worker killed after that would leave none
        job.result["written"] = in_words(outcome)


def written_step(job: Attempt, record: SheetImport) -> Any:
    """The transaction of the move, with the record of it, that commits only while this attempt holds the job."""
    return lambda outcome: _step(job, record, outcome)


def found(job: Attempt, sheet: int) -> SheetImport:
    """The sheet to work on: one that is over only for the attempt that goes on after having written it. Raises JobError."""
    record = SheetImport.objects.filter(pk=sheet).first()
    if record and "written" in job.result:
        return record
    if record and record.state in SheetImport.OVER:
        raise JobError(no_longer(record))
    if record is None or not record.path.exists():
        raise JobError(_("The file is no longer here: bring it again."))
    return record


def no_longer(record: SheetImport) -> str:
    return _("This is no longer possible: the sheet is %(state)s.") % {"state": record.get_state_display()}


def options_of(record: SheetImport, user: AbstractUser, *, writes: bool) -> Options:
    return Options(
        meanings=meanings_of(record),
        updates=record.updates,
        is_partial=record.is_partial,
        writes=writes,
        user=user.pk,
        reason=reason(gettext_noop("Imported from %(name)s"), record),
        note=record.name,
    )


def meanings_of(record: SheetImport) -> dict[str, str]:
    """What the person said before of such heads, and of these."""
    before = dict(HeadMeaning.objects.filter(user=record.created_by).values_list("words", "field"))
    return before | record.meanings


def taken(job: Attempt, record: SheetImport, options: Options, effect: Any = None) -> Outcome | None:
    """The outcome; None where columns are to be named first. Raises JobError for a file that cannot be read."""
    try:
        return take(record.path, options, job.progress, effect)
    except HeadsError as error:
        with job.step():
            keep(record, state=SheetImport.State.UNMAPPED, problem=str(error), heads=pairs(error.heads))
        return None
    except TryLaterError as error:
        raise JobError(str(error)) from None
    except SheetError as error:
        with job.step():
            keep(record, state=SheetImport.State.UNREADABLE, problem=str(error))
        raise JobError(str(error)) from None


def pairs(heads: Heads) -> list[list[str]]:
    return [list(pair) for pair in zip(heads.texts, heads.fields, strict=True)]


def told_by(outcome: Outcome) -> dict[str, Any]:
    """What came of a check or an import, as columns of the record."""
    findings = outcome.findings
    worst_first = sorted(findings.lines, key=lambda line: (ORDER.get(line.state, 9), line.row))
    return {
        "heads": pairs(outcome.heads),
        "counts": dict(findings.counts),
        "problem": "",
        "found_digest": findings.sums.hexdigest(),
        "lines": [asdict(line) for line in worst_first[:SHOWN]],
        "made_bodies": [*outcome.made_bodies, *outcome.made_issuers][:SHOWN],
        "new_companies": outcome.new_companies,
    }


ORDER = {state: rank for rank, state in enumerate((State.WRONG, State.DOUBTFUL, State.CHANGED, ""))}


def keep_report(record: SheetImport, outcome: Outcome) -> None:
    """In the site's language, as every file; whole or not at all."""
    with override(settings.LANGUAGE_CODE):
        data = report_bytes(record.name, outcome)
    beside = record.report_path.with_suffix(".new")
    beside.write_bytes(data)
    os.replace(beside, record.report_path)


def in_words(outcome: Outcome) -> str:
    """24 new, 3 with errors."""
    shown = [(state, outcome.findings.counts[state.value]) for state in State]
    return _("Rows: %(rows)s.") % {"rows": _(", ").join(f"{count} {state.label}" for state, count in shown if count)}


def reason(words: str, record: SheetImport) -> str:
    """For the history, in the site's language, whatever the person has chosen."""
    with override(settings.LANGUAGE_CODE):
        return signature((_(words) % {"name": record.name})[:100]) or ""


def start_work(kind: Any, record: SheetImport, user: Any) -> Job:
    """Raises JobError."""
    titles = {check: _("Check %(name)s"), bring_in: _("Bring in %(name)s"), undo: _("Take back %(name)s")}
    return start(kind, user, titles[kind] % {"name": record.name}, {"sheet": record.pk}, place=record.get_absolute_url())


def is_under_way(record: SheetImport) -> bool:
    """Whether anybody's job on this sheet is not over."""
    kinds = [kind.module_path for kind in (check, bring_in, undo)]
    return Job.objects.open().filter(kind__in=kinds, effect=fingerprint({"sheet": record.pk})).exists()


def latest(record: SheetImport, user: Any) -> Job | None:
    """Their newest job on this sheet that they have not put away."""
    jobs = [Job.objects.latest_of(user, kind, {"sheet": record.pk}) for kind in (check, bring_in, undo)]
    return max(filter(None, jobs), key=lambda job: job.created_at, default=None)
