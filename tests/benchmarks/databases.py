"""Databases that hold the data set: loaded once, copied for every use, on SQLite or PostgreSQL. Called by the runner."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from tanxun.databases import SESSION
from tests.running import ROOT, free_port

from . import make_dataset


def run(*command: str | Path, **environment: str) -> str:
    """What a command of ours prints. Raises CalledProcessError after showing what it said."""
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        done.check_returncode()
    return done.stdout


def dataset(home: Path, rows: int) -> Path:
    """The folder with the data set of that size, made where it is not there yet."""
    folder = home / str(rows) / "set"
    if not (folder / "statements.csv").exists():
        print(f"Making the data set of {rows:,} statements …", flush=True)
        unfinished = folder.with_name("unfinished")
        make_dataset.make(unfinished, rows)
        unfinished.replace(folder)
    return folder


@dataclass(frozen=True)
class Database:
    """A copy of a loaded database. `data_dir` is the site's DATA_DIR beside it."""

    url: str
    data_dir: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.url, "DATA_DIR": str(self.data_dir), "DJANGO_SETTINGS_MODULE": "tanxun.settings"}


class Engine(ABC):
    """Where databases are. `home` keeps what is loaded: `<home>/<rows>/set/` and what the engine adds."""

    name: str

    def __init__(self, home: Path) -> None:
        self.home = home
        self.made: list[int] = []

    @contextmanager
    def copy(self, rows: int) -> Iterator[Database]:
        """A database with that many statements, which may be written to and is gone afterwards."""
        folder = dataset(self.home, rows)
        if not self.has(rows):
            print(f"Loading {rows:,} statements into {self.name} …", flush=True)
            url = self.new(rows)
            try:
                given = Database(url, folder.parent).environment
                print(run(sys.executable, "-m", "tests.benchmarks.dataset", folder, **given), end="", flush=True)
            except subprocess.CalledProcessError:
                self.drop(url)
                raise
            self.keep(url, rows)
            self.made.append(rows)
        data_dir = self.home / f"site-{secrets.token_hex(4)}"
        data_dir.mkdir()
        url = self.duplicate(rows, data_dir)
        try:
            made = Database(url, data_dir)
            run(sys.executable, "manage.py", "migrate", "--verbosity", "0", **made.environment)
            yield made
        finally:
            self.drop(url)
            shutil.rmtree(data_dir)

    def forget(self) -> None:
        """Drop what was loaded by us and is not to be kept."""
        for rows in self.made:
            self.drop(self.loaded(rows))

    @abstractmethod
    def loaded(self, rows: int) -> str:
        """The URL of the loaded one, whether it is there or not."""

    @abstractmethod
    def has(self, rows: int) -> bool: ...

    @abstractmethod
    def new(self, rows: int) -> str:
        """The URL of an empty database to load into."""

    @abstractmethod
    def keep(self, url: str, rows: int) -> None:
        """It is loaded: from now on it is there."""

    @abstractmethod
    def duplicate(self, rows: int, data_dir: Path) -> str:
        """The URL of a copy of the loaded one."""

    @abstractmethod
    def drop(self, url: str) -> None: ...

    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def client(self, database: Database, script: Path, sql: str) -> list[str]:
        """The command by which the database's own client writes the answer to `sql` as CSV."""


class SQLite(Engine):
    name = "sqlite"

    def path(self, rows: int) -> Path:
        return self.home / str(rows) / "tanxun.sqlite3"

    def loaded(self, rows: int) -> str:
        return f"sqlite:///{self.path(rows)}"

    def has(self, rows: int) -> bool:
        return self.path(rows).exists()

    def new(self, rows: int) -> str:
        return f"sqlite:///{self.path(rows).with_suffix('.part')}"

    def keep(self, url: str, rows: int) -> None:
        Path(url.removeprefix("sqlite:///")).replace(self.path(rows))

    def duplicate(self, rows: int, data_dir: Path) -> str:
        shutil.copy(self.path(rows), data_dir / "tanxun.sqlite3")
        return f"sqlite:///{data_dir / 'tanxun.sqlite3'}"

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{url.removeprefix('sqlite:///')}{ending}").unlink(missing_ok=True)

    def version(self) -> str:
        import sqlite3

        return f"SQLite {sqlite3.sqlite_version}"

    def client(self, database: Database, script: Path, sql: str) -> list[str]:
        script.write_text(f".mode csv\n.headers on\n{sql};\n", encoding="utf-8")
        return ["sqlite3", "-readonly", database.url.removeprefix("sqlite:///"), f".read {script}"]


class PostgreSQL(Engine):
    """`server` is the URL of any database of a server on which databases may be made."""

    name = "postgresql"

    def __init__(self, home: Path, server: str) -> None:
        super().__init__(home)
        self.server = server

    def url(self, name: str) -> str:
        return urlsplit(self.server)._replace(path=f"/{name}").geturl()

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self.server, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def loaded(self, rows: int) -> str:
        return self.url(f"statements_{rows}")

    def has(self, rows: int) -> bool:
        return (f"statements_{rows}",) in self.ask("SELECT datname FROM pg_database")

    def new(self, rows: int) -> str:
        self.ask(f'DROP DATABASE IF EXISTS "loading_{rows}"')
        self.ask(f'CREATE DATABASE "loading_{rows}"')
        return self.url(f"loading_{rows}")

    def keep(self, url: str, rows: int) -> None:
        self.ask(f'ALTER DATABASE "loading_{rows}" RENAME TO "statements_{rows}"')

    def duplicate(self, rows: int, data_dir: Path) -> str:
        name = f"copy_{data_dir.name.replace('-', '_')}"
        self.ask(f'CREATE DATABASE "{name}" TEMPLATE "statements_{rows}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        self.ask(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')

    def version(self) -> str:
        return f"PostgreSQL {str(self.ask('SHOW server_version')[0][0]).split()[0]}"

    def client(self, database: Database, script: Path, sql: str) -> list[str]:
        script.write_text(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER);\n", encoding="utf-8")
        # As the site's connections are set: what is compared is who writes the rows.
        return ["psql", "-q", "-f", str(script), f"{database.url}?{urlencode({'options': SESSION}, quote_via=quote)}"]


@contextmanager
def temporary_server(home: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server of our own in `home`, with the settings that it comes with; stopped at the end."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
    if programs is None:
        raise SystemExit("There is no PostgreSQL server on this machine: install one, or set DATABASE_URL.")
    folder, user = home / "postgres", []
    if os.geteuid() == 0:  # which the server refuses
        user = ["runuser", "-u", "postgres", "--"]
    if not (folder / "PG_VERSION").exists():
        folder.mkdir(mode=0o700)
        if user:
            shutil.chown(folder, "postgres", "postgres")
        initial = ["-U", "tanxun", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        run(*user, programs / "initdb", "-D", folder, *initial)
    port = free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories=''"
    control = [*user, programs / "pg_ctl", "-D", folder, "-w"]
    # Not by `run`: the server would hold its pipes open.
    started = subprocess.run([*control, "-l", folder / "log", "-o", options, "start"], stdout=subprocess.DEVNULL, check=False)
    if started.returncode:
        raise SystemExit(f"The PostgreSQL server did not start: see {folder / 'log'}.")
    try:
        yield f"postgres://tanxun@127.0.0.1:{port}/postgres"
    finally:
        run(*control, "-m", "fast", "stop")


def usual_engine() -> str:
    """That of DATABASE_URL, else SQLite."""
    return "postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"


@contextmanager
def home_of(keep: Path | None) -> Iterator[Path]:
    """The folder that was asked for, or one that is gone afterwards."""
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    with nullcontext(keep.resolve()) if keep else tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        home = Path(name)
        if not keep:
            home.chmod(0o755)  # the PostgreSQL server runs as another user
        yield home


def engine_of(name: str, home: Path, is_kept: bool, stack: ExitStack) -> Engine:
    """By its name, on the server of DATABASE_URL or one of its own; what is not kept goes with the stack."""
    engine: Engine = SQLite(home)
    if name == "postgresql":
        server = os.environ.get("DATABASE_URL", "")
        engine = PostgreSQL(home, server if server.startswith("postgres") else stack.enter_context(temporary_server(home)))
    if not is_kept:
        stack.callback(engine.forget)
    return engine
