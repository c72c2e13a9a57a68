"""`import_statements`: a company's existing spreadsheet in, from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.db import OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import override

from certifications.sheets.findings import State, label_of
from certifications.sheets.guard import SheetError
from certifications.sheets.heads import given_mapping
from certifications.sheets.intake import MOST_ON_SQLITE, Options, Outcome, is_too_large_for_sqlite, take, write_index
from certifications.sheets.reading import SheetFile
from certifications.sheets.report import report_bytes
from tanxun.jobs.queue import full_disk, is_disk_full
from tanxun.records.terminal import TerminalCommand
from tanxun.site.roles import acting_user

SHOWN = 50


class Command(TerminalCommand):
    help = "Bring in a spreadsheet of statements, .csv or .xlsx. The same sheet again adds nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a .csv or .xlsx file")
        parser.add_argument("--dry-run", action="store_true", help="check every row and write nothing")
        parser.add_argument(
            "--map", default="", metavar="HEAD=field,…", help="what heads mean that are not known; - leaves one out"
        )
        parser.add_argument("--on-duplicate", choices=("skip", "update"), default="skip", help="what to do with known statements")
        parser.add_argument("--partial", action="store_true", help="bring in the good rows although others have errors")
        parser.add_argument("--offline", action="store_true", help="nobody else is at work: many rows on SQLite")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write the report as .xlsx")
        parser.add_argument("--as", dest="username", metavar="USER", help="who stands in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = acting_user(options["username"])
        except get_user_model().DoesNotExist:
            raise self.fail(_("There is no user “%(name)s”.") % {"name": options["username"]}, misuse=True) from None
        path: Path = options["file"]
        try:
            if not options["offline"] and not options["dry_run"] and is_too_large_for_sqlite(path):
                words = _("More than %(count)s rows would keep others waiting on SQLite: stop the site and add --offline.")
                raise self.fail(words % {"count": f"{MOST_ON_SQLITE:,}"}, misuse=True)
            outcome = take(path, self.options_of(path, options, user.pk), self.say)
        except (SheetError, OSError) as error:
            raise self.fail(f"{path}: {getattr(error, 'strerror', None) or error}") from None
        except OperationalError as error:
            if not is_disk_full(error):
                raise
            raise self.fail(full_disk()) from None
        self.clear()
        self.report(outcome)
        if options["report"]:
            with override(options["lang"] or settings.LANGUAGE_CODE):
                options["report"].write_bytes(report_bytes(path.name, outcome))
        if outcome.moment:
            write_index(self.say)
            self.clear()
        elif outcome.is_refused and not options["dry_run"]:
            raise self.fail(_("Some rows have errors: nothing was written. With --partial the others are brought in."))

    def options_of(self, path: Path, options: dict[str, Any], user: int) -> Options:
        """Raises SheetError for a mapping of heads that are not there."""
        meanings = {}
        if options["map"]:
            with SheetFile(path) as sheet:
                heads = [str(cell) for row in sheet.first_rows() for cell in row[1:]]
            meanings = given_mapping(options["map"], heads)
        with override(settings.LANGUAGE_CODE):
            reason = _("Imported from %(name)s") % {"name": path.name}
        return Options(
            meanings=meanings,
            updates=options["on_duplicate"] == "update",
            is_partial=options["partial"],
            is_offline=options["offline"],
            writes=not options["dry_run"],
            user=user,
            reason=reason,
            note=path.name,
        )

    def say(self, done: int, total: int, words: str) -> None:
        """How far it is, on one line of a terminal."""
        if sys.stderr.isatty():
            share = f"{min(done * 100 // total, 100):3d} %" if total else f"{done:,}"
            self.stderr.write(f"\r{words} {share}\033[K", ending="")

    def clear(self) -> None:
        if sys.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")

    def report(self, outcome: Outcome) -> None:
        """Counts, heads that were left out, and the rows to look at."""
        findings = outcome.findings
        for state in State:
            self.stdout.write(f"{state.label}: {findings.counts[state.value]}")
        self.stdout.write(_("New companies: %(count)s") % {"count": outcome.new_companies})
        for name in outcome.made_bodies:
            self.stdout.write(_("New body, to be confirmed: %(name)s") % {"name": name})
        for name in outcome.made_issuers:
            self.stdout.write(_("New issuing body: %(name)s") % {"name": name})
        if outcome.heads.unknown:
            self.stdout.write(_("Columns left out: %(heads)s") % {"heads": _(", ").join(outcome.heads.unknown)})
        for line in findings.lines[:SHOWN]:
            label = label_of(line.field)
            words = _("Row %(row)s") % {"row": line.row} + (f", {label}" if label else "") + f": {line.words}"
            (self.stderr if line.state == State.WRONG else self.stdout).write(words)
        if (more := len(findings.lines) + findings.left_out - SHOWN) > 0:
            self.stdout.write(_("… and %(count)s further lines: --report FILE writes them all.") % {"count": more})
        self.stdout.write(_("Written.") if outcome.moment else _("Nothing was written."))
