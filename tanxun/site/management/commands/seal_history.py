"""`manage.py seal_history`: a seal over all entries of the histories since the last one; nightly, beside `check_data`."""

import time

from django.db import DatabaseError, IntegrityError
from django.utils.translation import gettext as _

from tanxun.records import seals
from tanxun.records.terminal import TerminalCommand

TRIES, PAUSE = 20, 1.0  # while somebody writes a history it cannot be said what stands there


class Command(TerminalCommand):
    help = "Seal what the histories hold, and print the seal: keep that line on another machine."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "--check", action="store_true", help="make none: look whether all is as it was sealed; exit code 1 if not"
        )
        parser.add_argument(
            "--expect", metavar="DIGEST", help="with --check: a seal that was kept elsewhere has to be one of these"
        )
        parser.add_argument("--renew", action="store_true", help="over all entries anew; those before it are no longer compared")
        parser.add_argument("--reason", default="", help="with --renew: why; it stands in the seal")

    def handle(self, *, check, expect, renew, reason, **options):
        if renew and not reason.strip():
            raise self.fail(_("--renew needs a --reason: it stands in the seal."), misuse=True)
        if (expect and not check) or (renew and check):
            raise self.fail(_("--expect goes with --check, --renew without it."), misuse=True)
        try:
            self.look(expect) if check else self.seal(renew, reason.strip())
        except IntegrityError:
            raise self.fail(_("Another seal was made at this moment: try again.")) from None
        except DatabaseError as error:
            raise self.fail(_("The database cannot be read: %(reason)s") % {"reason": str(error).splitlines()[0]}) from None

    def seal(self, renew, reason):
        made, busy = seals.make(anew=renew, reason=reason)
        for _try in range(TRIES):
            if not busy:
                break
            time.sleep(PAUSE)
            more, busy = seals.make()
            made = more or made
        if made:
            words = _("Seal %(number)s of %(moment)s over %(entries)s entries: %(digest)s")
            moment = f"{made.made_at:%Y-%m-%dT%H:%M:%SZ}"
            told = {"number": made.pk, "moment": moment, "entries": made.entries, "digest": made.digest}
            self.stdout.write(words % told)
        else:
            self.stdout.write(_("Nothing new since the last seal."))
        for table in busy:
            self.stderr.write(_("%(table)s is being written: left for the next seal.") % {"table": table})

    def look(self, expect):
        found = list(seals.faults())
        if expect and not seals.holds(expect):
            found.append(_("The seal %(digest)s is none of these: the chain was written anew.") % {"digest": expect[:80]})
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise self.fail(_("The history is not as it was sealed: %(count)d faults.") % {"count": len(found)})
        last = seals.Seal.objects.order_by("pk").last()
        if last is None:
            raise self.fail(_("There is no seal yet: run manage.py seal_history."))
        words = _("%(seals)s seals, %(entries)s entries: all as it was sealed; the last is %(digest)s")
        told = {"seals": seals.Seal.objects.count(), "entries": last.entries, "digest": last.digest}
        self.stdout.write(words % told)
