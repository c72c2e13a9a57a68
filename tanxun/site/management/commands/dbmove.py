"""`manage.py dbmove URL`: all rows into another database, SQLite or PostgreSQL, and the proof that they are the same."""

from django.core.management import call_command
from django.db import DatabaseError, connections
from django.utils.translation import gettext as _

from tanxun.listing.snapshot import snapshot
from tanxun.records.terminal import TerminalCommand
from tanxun.site import backup, tables

TARGET = "target"


class Command(TerminalCommand):
    help = "Copy everything into the database at URL and compare. Stop the site first; then set DATABASE_URL to it."

    def add_arguments(self, parser):
        parser.add_argument("url", metavar="URL", help="sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME")
        parser.add_argument("--replace", action="store_true", help="the target may have records: they go")

    def handle(self, *, url, replace, **options):
        try:
            backup.add_database(TARGET, url)
        except ValueError as error:
            raise self.fail(str(error), misuse=True) from None
        try:
            rows = self.move(replace)
        except (backup.BackupError, DatabaseError, ValueError) as error:
            raise self.fail(str(error).strip().splitlines()[0]) from None
        finally:
            backup.drop_database(TARGET)
        words = _("%(rows)d rows stand there, table by table the same. Set DATABASE_URL to it and start the site.")
        self.stdout.write(words % {"rows": rows})

    def move(self, replace):
        if same_place(connections["default"].settings_dict, connections[TARGET].settings_dict):
            raise self.fail(_("That is the database the site has now."), misuse=True)
        if words := backup.not_in_it("default"):
            raise self.fail(words)
        call_command("migrate", database=TARGET, interactive=False, verbosity=0)
        if tables.has_records(TARGET) and not replace:
            raise self.fail(_("The target has records. --replace lets them go."))
        with snapshot("default", is_patient=True):
            return backup.copy(
                tables.of_database("default"), lambda model: tables.tally(model, "default"), TARGET, self.stdout.write
            )


def same_place(one, other):
    return all(one[name] == other[name] for name in ("ENGINE", "NAME", "HOST", "PORT"))
