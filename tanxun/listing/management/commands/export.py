"""`manage.py export PAGE`: the rows that the page shows for a query string, as a file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.management.base import CommandError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from tanxun.listing import export
from tanxun.listing.page import InvalidParametersError, Rows, UnknownPageError, find, page_slugs
from tanxun.records.terminal import TerminalCommand


class Command(TerminalCommand):
    help = "Writes the rows of a list page for a query string as CSV or XLSX."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("page", help="statements, companies, bodies, policies …")
        parser.add_argument("--filter", default="", help='the query string of the page: "type=ghg_verification&region=320000"')
        parser.add_argument("--columns", default="", help="keys in the order wanted: company,type,dated_on; or all")
        parser.add_argument("--format", choices=("csv", "xlsx"), help="default: by the ending of FILE, else csv")
        parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = self.rows_of(options["page"], options["filter"], options["columns"])
        chosen = options["format"] or ("xlsx" if str(options["output"] or "").lower().endswith(".xlsx") else "csv")
        language = options["lang"] or settings.LANGUAGE_CODE
        if chosen == "csv":
            blocks = export.csv_lines(rows, language)
        else:
            about = export.About(who="manage.py export", when=timezone.localtime(), link=rows.link)
            blocks = iter([export.xlsx_bytes(rows, about, language)])
        try:
            if options["output"]:
                with Path(options["output"]).open("wb") as file:
                    file.writelines(blocks)
            else:
                sys.stdout.buffer.writelines(blocks)
                sys.stdout.buffer.flush()
        except OSError as error:
            text = _("Cannot write %(file)s: %(reason)s.")
            raise self.fail(text % {"file": options["output"] or "-", "reason": error.strerror}) from None

    def rows_of(self, slug: str, query: str, columns: str) -> Rows:
        try:
            params = QueryDict(query.removeprefix("?"), mutable=True)
            if columns:
                params["columns"] = columns
            return find(slug).rows(params)
        except UnknownPageError:
            text = _("There is no list page %(page)s. There are: %(pages)s.")
            raise self.fail(text % {"page": slug, "pages": ", ".join(page_slugs())}, misuse=True) from None
        except TooManyFieldsSent:
            raise self.fail(_("There are too many parameters.")) from None
        except InvalidParametersError as error:
            lines = [f"{name}: {' '.join(messages)}" for name, messages in error.errors.items()]
            raise CommandError("\n".join(lines), returncode=1) from None
