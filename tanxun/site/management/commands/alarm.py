"""`manage.py alarm UNIT`: tells people by mail that a part of the site failed. For systemd, deploy/tanxun-alarm@.service."""

import smtplib
import sys

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from tanxun.alerts.mail import sends_mail
from tanxun.records.terminal import TerminalCommand

MOST = 20_000  # signs of a log


class Command(TerminalCommand):
    help = "Mail to ALARM_TO that UNIT failed, with what stands on standard input. Asks no database: it may be what failed."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("unit", metavar="UNIT")

    def handle(self, *, unit, **options):
        if not settings.ALARM_TO or not sends_mail():
            raise self.fail(_("Nobody is told: set ALARM_TO and EMAIL_URL."))
        log = "" if sys.stdin.isatty() else sys.stdin.read()[-MOST:]
        subject = _("Tanxun at %(site)s: %(unit)s failed") % {"site": settings.SITE_URL, "unit": unit}
        advice = _("The last lines of its log follow. See the README, When something is wrong.")
        try:
            send_mail(" ".join(subject.split()), f"{advice}\n\n{log}", None, settings.ALARM_TO)
        except (OSError, smtplib.SMTPException) as error:
            raise self.fail(str(error)) from None
