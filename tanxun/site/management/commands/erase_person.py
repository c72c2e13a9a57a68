"""`manage.py erase_person NAME`: a person's name and address out of all that is stored. Asks before; cannot be undone."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tanxun.records.terminal import TerminalCommand
from tanxun.site.erasing import erase
from tanxun.site.models import User
from tanxun.site.roles import acting_user


class Command(TerminalCommand):
    help = "Replace a person's name and address wherever they are stored; what they did stays, under a number."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--as", dest="by", metavar="USER", help="who does it; stands in the admin's log")
        parser.add_argument("--reason", default="", help="why: without any name")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *, username, by, reason, yes, **options):
        try:
            user, actor = User.objects.get(username=username), acting_user(by)
        except User.DoesNotExist:
            raise self.fail(_("There is no such user."), misuse=True) from None
        if not yes:
            self.stdout.write(
                _("This cannot be undone, and backups made before still have the name. Type the sign-in name again:")
            )
            if input().strip() != username:
                raise self.fail(_("Not the same name: nothing was changed."))
        try:
            count = erase(user, actor, reason)
        except ValidationError as refusal:
            raise self.fail(" ".join(refusal.messages)) from None
        told = ", ".join(f"{kind} {number}" for kind, number in count.items())
        self.stdout.write(_("Erased: account %(number)s. Changed or removed: %(told)s.") % {"number": user.pk, "told": told})
