"""`manage.py export PAGE`: the rows that the page shows for a query string, as a file."""

import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.management.base import CommandError
from django.http import QueryDict
from django.utils.translation import gettext as _

from tanxun.listing.files import TYPES, Order, order, whole
from tanxun.listing.page import InvalidParametersError, UnknownPageError, find, page_slugs
from tanxun.records.terminal import TerminalCommand

BAR = 30


class Command(TerminalCommand):
    help = "Writes the rows of a list page for a query string as CSV, XLSX or JSON Lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("page", help="statements, companies, bodies, policies …")
        parser.add_argument("--filter", default="", help='the query string of the page: "type=ghg_verification&region=320000"')
        parser.add_argument("--columns", default="", help="keys in the order wanted: company,type,dated_on; or all")
        parser.add_argument("--format", choices=tuple(TYPES), help="default: by the ending of FILE, else csv")
        parser.add_argument("--layout", default="", help="a workbook laid out for one use: customers, due, overview, weekly")
        parser.add_argument("-o", "--output", metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        output = options["output"] or ""
        known = next((ending for ending in TYPES if output.lower().endswith(f".{ending}")), "csv")
        wanted = self.order_of(options["format"] or ("xlsx" if options["layout"] else known), **options)
        wanted.language = options["lang"] or settings.LANGUAGE_CODE
        try:
            if output:
                with whole(Path(output)) if is_plain(output) else nullcontext(Path(output)) as target:
                    wanted.write(target, "manage.py export", self.show)
            elif wanted.ending != "xlsx":
                sys.stdout.buffer.writelines(wanted.blocks())
            else:
                file = BytesIO()
                wanted.write(file, "manage.py export", self.show)
                sys.stdout.buffer.write(file.getvalue())
            sys.stdout.buffer.flush()
        except OSError as error:
            text = _("Cannot write %(file)s: %(reason)s.")
            raise self.fail(text % {"file": output or "-", "reason": error.strerror}) from None
        finally:
            if self.stderr.isatty():
                self.stderr.write("")

    def show(self, done: int, total: int) -> None:
        """A bar that is drawn over itself, on a terminal only."""
        if self.stderr.isatty():
            part = min(done / total, 1.0) if total else 1.0
            bar = ("#" * round(part * BAR)).ljust(BAR, ".")
            self.stderr.write(f"\r[{bar}] {part:4.0%} {done:,}/{total:,}", ending="")
            self.stderr.flush()

    def order_of(self, ending: str, **options: Any) -> Order:
        try:
            params = QueryDict(options["filter"].removeprefix("?"), mutable=True)
            if options["columns"]:
                params["columns"] = options["columns"]
            page = find(options["page"])
            if options["layout"] and (ending != "xlsx" or options["layout"] not in {layout.slug for layout in page.layouts}):
                known = ", ".join(layout.slug for layout in page.layouts)
                text = _("This list has these layouts, as XLSX: %(layouts)s.")
                raise self.fail(text % {"layouts": known or "-"}, misuse=True)
            return order(page, ending, params, layout=options["layout"])
        except UnknownPageError:
            text = _("There is no list page %(page)s. There are: %(pages)s.")
            raise self.fail(text % {"page": options["page"], "pages": ", ".join(page_slugs())}, misuse=True) from None
        except TooManyFieldsSent:
            raise self.fail(_("There are too many parameters.")) from None
        except InvalidParametersError as error:
            lines = [f"{name}: {' '.join(messages)}" for name, messages in error.errors.items()]
            raise CommandError("\n".join(lines), returncode=1) from None


def is_plain(output: str) -> bool:
    """Whether there is a file or nothing yet: a pipe or a terminal is written as it comes."""
    return Path(output).is_file() or not Path(output).exists()
