"""read_feed FILE… | --all [--as USER]: new entries of feeds into the review queue, from files or from the known addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from tanxun.digest.feeds.intake import Taken, take_file, take_source
from tanxun.digest.feeds.models import FeedSource
from tanxun.digest.feeds.parsing import MOST_BYTES
from tanxun.digest.sources import SourceError
from tanxun.records.terminal import TerminalCommand
from tanxun.site.roles import acting_user


class Command(TerminalCommand):
    help = "Read feeds (RSS, RDF, Atom) into the review queue. An entry that came in before adds nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="a feed saved as a file")
        parser.add_argument(
            "--all", action="store_true", help="every active feed of the site, by its address (needs FEED_FETCH=1)"
        )
        parser.add_argument("--as", dest="username", metavar="USER", help="who stands as having brought it in")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["files"]) == options["all"]:
            raise self.fail(_("Name files to read, or give --all."), misuse=True)
        try:
            user = acting_user(options["username"])
        except get_user_model().DoesNotExist:
            raise self.fail(_("There is no user “%(name)s”.") % {"name": options["username"]}, misuse=True) from None
        if options["all"]:
            wanted = [
                (str(source), lambda one=source: take_source(one, user)) for source in FeedSource.objects.filter(is_active=True)
            ]
        else:
            wanted = [(name, lambda one=name: take_file(Path(one).name, content(one), user)) for name in options["files"]]
        failed = sum(not self.read(name, take) for name, take in wanted)
        if failed:
            words = _("%(failed)s of %(count)s feeds could not be read.")
            raise self.fail(words % {"failed": failed, "count": len(wanted)})

    def read(self, name: str, take: Any) -> bool:
        """Say what came of one feed; whether it could be read."""
        try:
            taken: Taken = take()
        except (SourceError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            self.stderr.write(f"{name}: {' '.join(str(reason).split())}")
            return False
        self.stdout.write(f"{name}: {taken.words}")
        return True


def content(name: str) -> bytes:
    """One byte more than the limit, so that too large is seen. Raises OSError."""
    with Path(name).open("rb") as file:
        return file.read(MOST_BYTES + 1)
