"""Takes the second factor of an account away at the terminal: for the only administrator, who lost the phone."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from tanxun.site.models import User
from tanxun.site.sso import factor


class Command(BaseCommand):
    help = "Takes the second factor of an account away: the password alone opens it then."

    def add_arguments(self, parser):
        parser.add_argument("name", help="user name")

    def handle(self, *args, name, **options):
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(_("There is no account of the name %(name)s.") % {"name": name})
        if not factor.take_away(user):
            raise CommandError(_("%(name)s has no second factor.") % {"name": name})
        self.stdout.write(_("The second factor of %(name)s is gone: the password alone opens the account.") % {"name": name})
