"""publish_digest --week 2026-W03 [--format …] [--freeze] [-o FILE]: the weekly issue of the accepted records of a week."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from tanxun.digest import editing
from tanxun.digest.digests import Digest
from tanxun.digest.formats import FORMATS, FormatError, render
from tanxun.digest.issue import Week
from tanxun.listing.files import whole
from tanxun.records.terminal import TerminalCommand
from tanxun.site.roles import acting_user


class Command(TerminalCommand):
    help = "Print the weekly issue of a week, and begin its draft where there is none. Only --freeze freezes it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--week", required=True, metavar="2026-W03", help="the ISO week")
        parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="what it is written as (default: text)")
        parser.add_argument("--freeze", action="store_true", help="freeze it first: it never changes again")
        parser.add_argument("-o", "--output", metavar="FILE", help="where it is written; else standard output")
        parser.add_argument("--as", dest="username", metavar="USER", help="who stands in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            week = Week.parse(options["week"])
            user = acting_user(options["username"])
        except ValueError:
            raise self.fail(_("There is no ISO week “%(week)s”: 2026-W03.") % {"week": options["week"]}, misuse=True) from None
        except get_user_model().DoesNotExist:
            raise self.fail(_("There is no user “%(name)s”.") % {"name": options["username"]}, misuse=True) from None
        if not FORMATS[options["format"]].is_text and not options["output"] and sys.stdout.isatty():
            raise self.fail(_("This format is no text: name a file with -o."), misuse=True)
        try:
            digest = self.digest_of(week, user, freeze=options["freeze"])
            with translation.override(options["lang"] or settings.LANGUAGE_CODE):
                content = render(editing.issue_of(digest), options["format"])
            put_out(content, options["output"])
        except (ValidationError, FormatError) as error:
            words = "；".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise self.fail(words) from None
        except OSError as error:
            words = _("Cannot write %(file)s: %(reason)s.")
            raise self.fail(words % {"file": options["output"] or "-", "reason": error.strerror}) from None

    @staticmethod
    def digest_of(week: Week, user: AbstractUser, *, freeze: bool) -> Digest:
        """The issue of the week as it is stored, its draft where there was none; frozen where that is asked and not yet done."""
        digest = editing.draft_of(week)
        if freeze and not digest.is_frozen:
            return editing.freeze(week, user)
        return digest if digest.pk else editing.save(week, 0, editing.Wishes())


def put_out(content: bytes, output: str | None) -> None:
    """The whole file at its place, or nothing; without a name to standard output."""
    if output:
        with whole(Path(output)) if is_plain(output) else nullcontext(Path(output)) as target:
            target.write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def is_plain(output: str) -> bool:
    """Whether there is a file or nothing yet: a pipe or a terminal is written as it comes."""
    return Path(output).is_file() or not Path(output).exists()
