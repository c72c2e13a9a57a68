"""import_newsletter FILE… [--date D] [--accept-all] [--as USER]: store issues and their drafts, and say what came of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from tanxun.digest import intake, sources
from tanxun.digest.management.commands.read_newsletter import day
from tanxun.records.terminal import TerminalCommand
from tanxun.site.roles import acting_user


class Command(TerminalCommand):
    help = "Bring newsletters in: every item becomes a draft. The same text again adds nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="a .txt, .md, .html or .docx file, or - for standard input")
        parser.add_argument("--date", type=day, help="the reference date that completes years (YYYY-MM-DD)")
        parser.add_argument("--accept-all", action="store_true", help="accept every draft without an open question")
        parser.add_argument("--as", dest="username", metavar="USER", help="who stands in the history")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = acting_user(options["username"])
        except get_user_model().DoesNotExist:
            raise self.fail(_("There is no user “%(name)s”.") % {"name": options["username"]}, misuse=True) from None
        failed = 0
        for name in options["files"]:
            try:
                result = intake.bring_in(Path(name).name, content(name), reference_date=options["date"], user=user)
            except (sources.SourceError, OSError) as error:
                failed += 1
                reason = getattr(error, "strerror", None) or error
                self.stderr.write(f"{name}: {' '.join(str(reason).split())}")
                continue
            self.report(name, result)
            if options["accept_all"]:
                self.report_accepted(intake.accept_all(result.newsletter, user))
        if failed:
            count = len(options["files"])
            raise self.fail(_("%(failed)s of %(count)s files could not be brought in.") % {"failed": failed, "count": count})

    def report(self, name: str, result: intake.Result) -> None:
        """What was found in a file, and what was added."""
        issue = result.newsletter
        self.stdout.write(f"{name}: {issue} ({issue.reference_date.isoformat()})")
        if not result.created:
            self.stdout.write("  " + _("This text came in before: nothing was added."))
            return
        kinds: dict[str, int] = {}
        for draft in issue.drafts.order_by("order", "part"):
            kinds[str(draft.get_kind_display())] = kinds.get(str(draft.get_kind_display()), 0) + 1
        found = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
        words = _("%(items)s items, %(drafts)s drafts")
        self.stdout.write("  " + words % {"items": len(issue.report["items"]), "drafts": result.draft_count})
        if found:
            self.stdout.write(f"  {found}")
        if issue.replaces:
            words = _("An edited reissue of “%(title)s”: %(unchanged)s items unchanged, %(changed)s drafts changed.")
            values = {"title": issue.replaces, "unchanged": result.unchanged, "changed": result.changed}
            self.stdout.write("  " + words % values)
        for line in issue.report["contents_only"]:
            self.stdout.write("  " + _("In the contents list, but not in the text: %(line)s") % {"line": line})

    def report_accepted(self, outcome: intake.Outcome) -> None:
        words = _("%(accepted)s accepted, %(merged)s of them merged into known records; %(left)s left")
        values = {"accepted": outcome.accepted, "merged": outcome.merged, "left": len(outcome.left)}
        self.stdout.write("  " + words % values)
        for draft, why in outcome.left:
            self.stdout.write(f"    {draft.order}.{draft.part} {draft.headline}: {why}")


def content(name: str) -> bytes:
    """The bytes of a file, or of standard input for "-": one more than the limit, so that too large is seen. Raises OSError."""
    if name == "-":
        return sys.stdin.buffer.read(sources.MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(sources.MAX_FILE_BYTES + 1)
