"""`manage.py restore FILE`: let the site hold what a backup holds."""

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.utils.translation import gettext as _

from tanxun.records.terminal import TerminalCommand
from tanxun.site import backup, start, tables


class Command(TerminalCommand):
    help = "Put back what FILE holds. Stop the site first. A site that is not empty needs --replace, and is backed up before."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="the records here go; a backup of them is made first")

    def handle(self, *, file, replace, **options):
        try:
            archive = backup.Archive(file)
            start.check_data_folder(settings.DATA_DIR)
            start.check_database()
            if start.is_migrated() and tables.has_records("default"):
                self.set_aside(replace)
            call_command("migrate", interactive=False, verbosity=0)
            rows = backup.restore(archive, self.stdout.write)
        except (backup.BackupError, DatabaseError, ValueError) as error:
            raise self.fail(str(error)) from None
        except OSError as error:
            raise self.fail(f"{error.filename or file}: {error.strerror or error}") from None
        words = _("%(rows)d rows are back and as they were. Everybody signs in again; jobs that were under way are stopped.")
        self.stdout.write(words % {"rows": rows})

    def set_aside(self, replace):
        if not replace:
            raise self.fail(_("This site has records. --replace lets them go, after a backup of them."))
        if words := backup.not_in_it("default"):
            raise self.fail(words)
        self.stdout.write(_("What stood here is kept in %(file)s") % {"file": backup.set_aside("restore")})
