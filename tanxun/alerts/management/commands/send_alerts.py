"""`manage.py send_alerts`: what every worker does by itself, for who runs it from cron or as a process of its own."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.db import close_old_connections
from django.utils.translation import ngettext

from tanxun.alerts import duties
from tanxun.databases import lift_statement_timeout
from tanxun.records.terminal import TerminalCommand

SECONDS = 60


class Command(TerminalCommand):
    help = "Queues and sends what is due (mail and hooks), every minute until told to end. Any number may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *, once: bool, **options: Any) -> None:
        lift_statement_timeout()
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_args: stopping.set())
        while not stopping.is_set():
            close_old_connections()
            sent = duties.run(lambda: not stopping.is_set())
            if sent or once:
                self.stdout.write(ngettext("%(count)s message sent.", "%(count)s messages sent.", sent) % {"count": sent})
            if once:
                return
            stopping.wait(SECONDS)
