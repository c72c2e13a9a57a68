"""`manage.py purge_bin`: what has lain in the bin for long goes for good. Shows what would go unless it is told --yes."""

from django.apps import apps
from django.db import DatabaseError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tanxun.records.terminal import TerminalCommand
from tanxun.site import purging
from tanxun.site.models import User
from tanxun.site.roles import acting_user

WAYS = {True: lambda: _("Gone for good"), False: lambda: _("Would go")}


class Command(TerminalCommand):
    help = (
        "Remove for good what was put into the bin more than so many days ago and nothing points to any more. Its history stays,"
        " with a last entry of who, when and why. Without --yes it only shows what would go."
    )

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=purging.DAYS, help="in the bin for longer than that (default 365)")
        parser.add_argument("--reason", default="", help="why; stands in the histories. Needed with --yes")
        parser.add_argument("--as", dest="by", metavar="USER", help="whose decision it is; stands in the histories")
        parser.add_argument("--yes", action="store_true", help="do it. A backup before is the only way back")

    def handle(self, *, days, reason, by, yes, **options):
        if not 1 <= days <= 36_500:
            raise self.fail(_("--days: from 1 to 36500."), misuse=True)
        if yes and not reason.strip():
            raise self.fail(_("--yes needs a --reason: it stands in the histories."), misuse=True)
        try:
            user = acting_user(by)
        except User.DoesNotExist:
            raise self.fail(_("There is no such user."), misuse=True) from None
        words = _("Purged from the bin: %(reason)s") % {"reason": reason.strip()}
        try:
            done = purging.purge(days, user, words, for_good=yes, say=self.stderr.write)
        except DatabaseError as error:
            raise self.fail(str(error).strip().splitlines()[0]) from None
        self.tell(done, yes)

    def tell(self, done, yes):
        for label, count in sorted(done.gone.items()):
            self.stdout.write(f"{WAYS[yes]()}: {named(label)} {count}")
        if done.gone:
            self.stdout.write(_("With %(count)s rows that belonged to them.") % {"count": done.parts})
        for (label, holder), count in sorted(done.held.items()):
            told = {"kind": named(label), "count": count, "holder": holder}
            self.stdout.write(_("Stays: %(kind)s %(count)s, held by: %(holder)s") % told)
        if not done.gone:
            self.stdout.write(_("There is nothing in the bin that could go."))
        elif not yes:
            self.stdout.write(_("Nothing was changed. Make a backup, then run it again with --yes and a --reason."))


def named(label):
    return capfirst(apps.get_model(label)._meta.verbose_name_plural)
