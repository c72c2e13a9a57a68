"""read_newsletter FILE… [--date D] [--json]: print what the reader finds. Needs no database."""

from __future__ import annotations

import datetime as dt
import json
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from tanxun.digest import vocabulary
from tanxun.digest.reader import read
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.reader.report import report
from tanxun.digest.sources import MAX_BYTES, MAX_FILE_BYTES, SourceError, text_of
from tanxun.records.terminal import TerminalCommand


def day(text: str) -> dt.date:
    """A date of the command line; argparse turns the error into misuse (exit 2)."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("not a date (YYYY-MM-DD): %(text)s") % {"text": text}) from error


class Command(TerminalCommand):
    help = "Read newsletters and print what is found, the doubtful points first"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a .txt, .md, .html or .docx file, or - for standard input")
        parser.add_argument("--date", type=day, help="the reference date that completes years (YYYY-MM-DD)")
        parser.add_argument("--json", action="store_true", help="print JSON: one object for one file, a list for several")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = [_text(name) for name in options["files"]]
        words = vocabulary.current()
        readings = [read(text, options["date"], words) for text in texts]
        if options["json"]:
            found = [as_gold(reading) for reading in readings]
            self.stdout.write(json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(report(reading, words.names) for reading in readings), ending="")


def _text(name: str) -> str:
    try:
        if name == "-":
            return text_of("", sys.stdin.buffer.read(MAX_BYTES + 1))
        with Path(name).open("rb") as file:
            return text_of(name, file.read(MAX_FILE_BYTES + 1))
    except SourceError as error:
        raise TerminalCommand.fail(f"{name}: {error}") from error
    except OSError as error:
        raise TerminalCommand.fail(f"{name}: {error.strerror or error}") from error
