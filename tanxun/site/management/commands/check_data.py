"""`manage.py check_data`: the nightly look whether everything that is stored is whole."""

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from tanxun.records.attachments import keeping
from tanxun.records.terminal import TerminalCommand
from tanxun.site import soundness


class Command(TerminalCommand):
    help = (
        "Check the database file, keys that lead nowhere, computed columns, the search index, attachments and their files."
        " Exit code 1 if anything is wrong."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--clean", action="store_true", help="first let files go that no attachment names since a day")

    def handle(self, *, clean, **options):
        wrong = 0
        if clean:
            self.stdout.write(_("Files let go: %d") % keeping.clean_up())
        try:
            for check, title in soundness.CHECKS.items():
                faults = list(check(connection.alias))
                wrong += len(faults)
                self.stdout.write(f"{title}: " + (_("%d faults") % len(faults) if faults else _("sound")))
                for fault in faults[: soundness.SHOWN]:
                    self.stderr.write(f"    {fault}")
        except DatabaseError as error:
            raise self.fail(_("The database cannot be read: %(reason)s") % {"reason": str(error).splitlines()[0]}) from None
        if wrong:
            words = _("%(count)d faults were found: keep the last good backup, and see the README, When something is wrong.")
            raise self.fail(words % {"count": wrong})
