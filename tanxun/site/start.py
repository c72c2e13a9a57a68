"""The steps of `manage.py start`, each of which may be repeated without changing anything."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from tanxun.databases import is_passing

STOP_SECONDS = 20
WAIT_SECONDS = 300  # for a database that comes up later than we do, as when machines are switched on together
MOST_PROCESSES = 4  # 130 to 210 MB each


def check_data_folder(folder: Path) -> None:
    """Raises CommandError where `folder` cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CommandError(
            _("The data folder %(folder)s cannot be written: %(reason)s.") % {"folder": folder, "reason": error.strerror}
        ) from None


def check_port(host: str, port: int) -> None:
    """Raises CommandError where the address is taken or not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            text = _("%(host)s:%(port)s cannot be used (%(reason)s): give another with --port.")
            raise CommandError(text % {"host": host, "port": port, "reason": reason}) from None


def wait_for_database(say: Callable[[str], None], seconds: float = WAIT_SECONDS) -> None:
    """Until it can be reached, or so long: `check_database` says then what is wrong."""
    end, has_said = time.monotonic() + seconds, False
    while True:
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            if not is_passing(error) or time.monotonic() > end:
                return
            if not has_said:
                say(_("The database cannot be reached yet (%(reason)s): waiting.") % {"reason": first_line(error)})
            has_said = True
            time.sleep(1)
        else:
            return


def first_line(error: DatabaseError) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")


def check_database() -> None:
    """Raises CommandError where the database cannot be opened or written, or was migrated by a newer Tanxun."""
    try:
        loader = MigrationLoader(connection)
        with transaction.atomic():  # SQLite asks for the right to write before anything is written
            pass
    except DatabaseError as error:
        raise CommandError(_("The database cannot be opened: %(reason)s.") % {"reason": first_line(error)}) from None
    ours = {app for app, _name in loader.disk_migrations}
    unknown = sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if app in ours and (app, name) not in loader.disk_migrations
    )
    if unknown:
        text = _("The database is newer than this Tanxun (it has %(migration)s): update Tanxun, or restore an older backup.")
        raise CommandError(text % {"migration": unknown[0]})


def pending_migrations() -> int:
    """How many migrations `migrate` would apply."""
    loader = MigrationLoader(connection)
    return len([key for key in loader.disk_migrations if key not in loader.applied_migrations])


def is_migrated() -> bool:
    """Whether the database was ever migrated whole: the last of our tables stands."""
    return "digest_newsletter" in connection.introspection.table_names()


def keep_passwords(accounts: list[tuple[str, str]]) -> Path:
    """Into a file that only its owner reads: what a service prints is kept in the journal for ever."""
    path: Path = settings.DATA_DIR / "first-password"
    path.unlink(missing_ok=True)  # of a start that was interrupted before its accounts stood
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{name} {password}\n" for name, password in accounts)
    return path


def collect_static() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)


def web_server(host: str, port: int, application: str = "tanxun.wsgi:application") -> list[str]:
    """The command of the production server; the benchmark serves its peer by it, too.

    A process for each core, as Python works on one at a time, with a second thread for while the first waits for the database.
    """
    processes = str(min(os.cpu_count() or 1, MOST_PROCESSES))
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    # A thread keeps its connection to the database: one that goes for half a minute's rest takes it along.
    command += ["--blocking-threads-idle-timeout", "600"]
    command += ["--workers", processes, "--blocking-threads", "2", "--log-level", "warning", "--no-access-log", application]
    return command


class Servers:
    """The web server and the job worker, as child processes that live and stop together with us."""

    def __init__(self, host: str, port: int, say: Callable[[str], None]):
        self.say = say
        self.stopping = threading.Event()
        manage = str(settings.BASE_DIR / "manage.py")
        self.commands = {
            "web": web_server(host, port),
            "worker": [sys.executable, manage, "run_worker"],
        }
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        # Links that the site writes lead to the port it really has.
        self.environment = os.environ | {"PORT": str(port)}
        self.children: dict[str, subprocess.Popen] = {}

    def run(self) -> int:
        """Serve until a signal or the end of the web server; returns the exit code. A worker that ends is started again."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_args: self.stopping.set())
        try:
            for name in self.commands:
                self.spawn(name)
            self.announce()
            while not self.stopping.wait(0.5):
                if self.children["web"].poll() is not None:
                    self.say(_("The web server ended unexpectedly."))
                    return 1
                if self.children["worker"].poll() is not None and not self.stopping.wait(2):
                    self.spawn("worker")
            return 0
        finally:
            self.stop()

    def spawn(self, name: str) -> None:
        # A session of their own: Ctrl-C reaches us alone, and we stop them in order.
        command = self.commands[name]
        self.children[name] = subprocess.Popen(command, cwd=settings.BASE_DIR, env=self.environment, start_new_session=True)

    def announce(self) -> None:
        """Wait until the site answers, then say where it is."""
        for _try in range(240):
            if self.stopping.is_set() or self.children["web"].poll() is not None:
                return
            try:
                urllib.request.urlopen(f"{self.address}/livez", timeout=2)  # noqa: S310 - our own address
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.25)
            else:
                break
        self.say(_("Tanxun is ready: %(address)s  (Ctrl-C stops it)") % {"address": self.address})

    def stop(self) -> None:
        """Ask the children to end, and end those that do not within STOP_SECONDS."""
        self.say(_("Stopping …"))
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            try:
                child.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
