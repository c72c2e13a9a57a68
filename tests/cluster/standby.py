"""A second PostgreSQL server that follows a first one by streaming: for the tests of what is read from replicas."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.benchmarks.databases import run
from tests.running import free_port
from tests.working import until

OURS = "-- asked by the tests"


class Standby:
    """`with Standby(home, primary_url) as standby:` follows at `standby.server`; what it is sent stands in its log."""

    def __init__(self, home: Path, primary: str):
        self.folder = home / "standby"
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.primary, self.port = primary, free_port()
        self.server = f"postgres://tanxun@127.0.0.1:{self.port}"

    def __enter__(self):
        self.folder.mkdir(mode=0o700)
        if self.user:
            shutil.chown(self.folder, "postgres", "postgres")
        run(*self.user, self.bin / "pg_basebackup", "-d", self.primary, "-D", self.folder, "-R", "-c", "fast")
        self.start()
        return self

    def __exit__(self, *_exception):
        self.stop()

    def start(self):
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "''", "log_statement": "all"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        # Not by `run`: the server would hold its pipes open.
        subprocess.run([*self._control, "-l", self.folder / "log", "-o", options, "start"], stdout=subprocess.DEVNULL, check=True)

    def stop(self, how="fast"):
        if (self.folder / "postmaster.pid").exists():
            run(*self._control, "-m", how, "stop")

    def ask(self, sql):
        import psycopg

        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            return connection.execute(f"{sql} {OURS}").fetchone()[0]

    def pause(self):
        """From here on it shows what it has, whatever comes in."""
        self.ask("SELECT pg_wal_replay_pause()")
        until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused")

    def resume(self):
        self.ask("SELECT pg_wal_replay_resume()")

    def heard(self):
        """The statements that it was sent since it was asked last, in upper case."""
        everything = self.everything()
        new, self._read = everything[self._read :], len(everything)
        return new

    _read = 0

    def everything(self):
        """All statements of the site that it was ever sent, in upper case."""
        lines = re.findall(r"LOG:  (?:statement|execute [^:]*): (.*)", self.log())
        return [line.strip().upper() for line in lines if OURS not in line]

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def _control(self):
        return [*self.user, self.bin / "pg_ctl", "-D", self.folder, "-w"]


def copied(source, target):
    """All tables of one database into another, as its own user would have made them."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    dumped = subprocess.run([programs / "pg_dump", "--no-owner", source], capture_output=True, check=True).stdout
    loading = [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", target]
    subprocess.run(loading, input=dumped, stdout=subprocess.DEVNULL, check=True)
