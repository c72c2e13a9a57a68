"""Finds what the search index has wrong and mends it; with --check it only says so."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from tanxun.records.terminal import TerminalCommand
from tanxun.search.index import drifted, mend, write_all
from tanxun.search.texts import searched_models


class Command(TerminalCommand):
    help = "Mend the search index: entries that are missing, out of date or of records that are gone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="say what is wrong and change nothing; exit code 1 if anything is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            counts = [(model, Counter(kind for kind, _key in drifted(model))) for model in searched_models()]
        else:
            write_all()
            counts = list(mend())
        wrong = 0
        for model, found in counts:
            wrong += found.total()
            self.stdout.write(
                _("%(name)s: %(missing)d missing, %(stale)d out of date, %(orphan)d of no record")
                % {
                    "name": model._meta.verbose_name_plural,
                    "missing": found["missing"],
                    "stale": found["stale"],
                    "orphan": found["orphan"],
                }
            )
        if options["check"] and wrong:
            raise self.fail(_("%(count)d entries of the search index are wrong: run reindex.") % {"count": wrong})
