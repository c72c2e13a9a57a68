"""`manage.py backup FILE`: the whole site in one file, while it is in use."""

from pathlib import Path

from django.db import DatabaseError
from django.utils.translation import gettext as _

from tanxun.records.terminal import TerminalCommand
from tanxun.site import backup


class Command(TerminalCommand):
    help = "Write all records, accounts and files into FILE: consistent while the site is in use. It is not encrypted."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, file, **options):
        try:
            rows = backup.write(file, self.stdout.write)
            # Read as `restore` reads it: a disk that lies is found out today, not on the day it is needed.
            backup.Archive(file)
        except (backup.BackupError, DatabaseError) as error:
            raise self.fail(str(error)) from None
        except OSError as error:
            raise self.fail(f"{file}: {error.strerror or error}") from None
        if words := backup.not_in_it("default"):
            self.stderr.write(words)
        size = file.stat().st_size / 1024**2
        self.stdout.write(_("%(file)s: %(rows)d rows, %(size).1f MB, verified") % {"file": file, "rows": rows, "size": size})
