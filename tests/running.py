"""A site started for real (`manage.py start`) on a free port, with a database of its own: for start and browser tests."""

import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 120
made: list[str] = []  # databases on the server of the suite


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def database_url(data_dir: Path, like: str = "") -> str:
    """SQLite in `data_dir`, or a fresh database on the PostgreSQL server that the suite runs on; a copy of the one at `like`."""
    default = settings.DATABASES["default"]
    if default["ENGINE"].endswith("sqlite3"):
        path = data_dir / "tanxun.sqlite3"
        if like:
            shutil.copy(like.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"
    name = f"site_{secrets.token_hex(4)}"
    made.append(name)
    _on_server(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{like.rsplit("/", 1)[-1]}"' if like else ""))
    return f"{_server()}/{name}"


@contextmanager
def copy_of(connection: BaseDatabaseWrapper, folder: Path) -> Iterator[str]:
    """The URL of a database with what that one holds now, in `folder` or on the same server."""
    if connection.vendor == "sqlite":
        path = folder / "copy.sqlite3"
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as file:
            connection.connection.backup(file)
        yield f"sqlite:///{path}"
        return
    connection.close()  # nobody may use what is copied
    with own_database(folder, like=f"{_server()}/{connection.settings_dict['NAME']}") as url:
        yield url


@contextmanager
def own_database(folder: Path, like: str = "") -> Iterator[str]:
    """`database_url`, for as long as the block lasts: none is left on a server that is not the suite's own."""
    url = database_url(folder, like)
    try:
        yield url
    finally:
        if not url.startswith("sqlite"):
            _on_server(f'DROP DATABASE "{url.rsplit("/", 1)[-1]}" WITH (FORCE)')


def drop_all() -> None:
    """What this process made on a server that may not be the suite's own."""
    while made:
        _on_server(f'DROP DATABASE IF EXISTS "{made.pop()}" WITH (FORCE)')


def _server() -> str:
    default = settings.DATABASES["default"]
    return f"postgres://{default['USER']}:{default['PASSWORD']}@{default['HOST']}:{default['PORT'] or 5432}"


def _on_server(sql: str) -> None:
    import psycopg

    with psycopg.connect(f"{_server()}/postgres", autocommit=True) as connection:
        connection.execute(sql)


@cache
def static_files() -> tempfile.TemporaryDirectory:
    """A data folder with nothing but the site's static files, collected once: to compress them takes longer than a start."""
    folder = tempfile.TemporaryDirectory()
    given = {"DATA_DIR": folder.name, "DJANGO_SETTINGS_MODULE": "tanxun.settings"}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | given, check=True)
    return folder


class RunningSite:
    """`with RunningSite(folder) as site:` serves at `site.address`; `site.output` is what start printed so far.

    It begins with an empty folder and database; or with a copy of the one at `like`, if no DATABASE_URL is given, and with the
    static files collected.
    """

    def __init__(self, data_dir: Path, *options: str, like: str = "", **environment: str):
        self.data_dir, self.options = data_dir, options
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "DATA_DIR": str(data_dir),
            "DJANGO_SETTINGS_MODULE": "tanxun.settings",
            "LANG": "en_GB.UTF-8",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        if "DATABASE_URL" not in environment:
            data_dir.mkdir(exist_ok=True)
            self.environment["DATABASE_URL"] = database_url(data_dir, like)
        if like and not (data_dir / "static").exists():
            shutil.copytree(Path(static_files().name) / "static", data_dir / "static")
        self.output = ""
        self.stop_at = None  # words of the output at which Ctrl-C is sent
        self.is_up = False
        self.settled = threading.Event()  # up, or ended

    def __enter__(self):
        command = [sys.executable, "manage.py", "start", "--port", str(self.port), *self.options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        threading.Thread(target=self._listen, daemon=True).start()
        if not self.settled.wait(READY_SECONDS) or not self.is_up:
            self.stop()
            raise AssertionError(f"the site did not come up:\n{self.output}")
        return self

    def __exit__(self, *_exception):
        self.stop()

    def _listen(self):
        for line in self.process.stdout:
            self.output += line
            if self.stop_at and self.stop_at in line:
                self.process.send_signal(signal.SIGINT)
            if "is ready" in line:
                self.is_up = True
                self.settled.set()
        self.settled.set()

    def stop(self, number: int = signal.SIGINT) -> int:
        """End the site as Ctrl-C does; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)

    def manage(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """Another command on the same data."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            text=True,
            encoding="utf-8",
            capture_output=True,
            check=False,
        )

    @property
    def accounts(self) -> dict[str, str]:
        """{name: password} as printed."""
        return dict(re.findall(r"^\s+(admin|sample-\w+)\s+(\S+)$", self.output, re.M))
