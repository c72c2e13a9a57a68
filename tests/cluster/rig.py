"""Three PostgreSQL servers under Patroni with etcd, all on this machine, and what can befall them: for the tests of failover.

`with Rig(home) as rig:` has a primary and two standbys, one of them synchronous, by the settings of patroni.yml. Everything is
ended by the number of its process.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from string import Template

from tests.benchmarks.sites import below
from tests.running import free_port
from tests.working import until

HERE = Path(__file__).resolve().parent
NEEDED = ("patroni", "patronictl", "etcd")
UP_SECONDS = 90
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is asked without any proxy


def as_postgres(*command):
    """The servers refuse to run as root. What is started becomes the command itself, so its number is known."""
    if os.geteuid():
        return list(map(str, command))
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *map(str, command)]


class Part:
    """A process of the rig with a folder of its own; `inside` is what its command is run by (`ip netns exec …`)."""

    inside: tuple[str, ...] = ()

    def __init__(self, name, home):
        self.name, self.folder, self.process = name, home / name, None
        self.folder.mkdir(mode=0o700)
        if not os.geteuid():
            shutil.chown(self.folder, "postgres", "postgres")

    def begin(self, *command):
        with (self.folder / "log").open("ab") as log:
            environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
            full = [*self.inside, *as_postgres(*command)]
            self.process = subprocess.Popen(full, stdout=log, stderr=log, env=environment, cwd="/", start_new_session=True)

    def said(self):
        return (self.folder / "log").read_text(errors="replace")


class Etcd(Part):
    def __init__(self, home, address="127.0.0.1"):
        super().__init__("etcd", home)
        self.address, self.port, self.peer = address, free_port(), free_port()

    def start(self):
        client, peer = f"http://{self.address}:{self.port}", f"http://{self.address}:{self.peer}"
        listening = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer]
        alone = ["--initial-advertise-peer-urls", peer, "--initial-cluster", f"e1={peer}"]
        self.begin("etcd", "--name", "e1", "--data-dir", self.folder / "data", *listening, *alone)
        until(lambda: ask(f"{client}/health"), UP_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Node(Part):
    """Patroni and the PostgreSQL server that it keeps."""

    def __init__(self, name, home, programs, address="127.0.0.1", reached_by="127.0.0.1", network="127.0.0.1/32"):
        super().__init__(name, home)
        self.programs, self.address, self.reached_by, self.network = programs, address, reached_by, network
        self.port, self.rest = free_port(), free_port()

    def configure(self, etcd, password):
        self.password, self.config = password, self.folder / "patroni.yml"
        listen = self.address if self.address == self.reached_by else f"{self.address},{self.reached_by}"
        given = {"name": self.name, "address": self.address, "listen": listen, "port": self.port, "rest": self.rest}
        given |= {"etcd": f'"{etcd.address}:{etcd.port}"', "home": self.folder, "programs": self.programs}
        given |= {"password": password, "network": self.network}
        self.config.write_text(Template((HERE / "patroni.yml").read_text()).substitute(given))
        if not os.geteuid():
            shutil.chown(self.config, "postgres", "postgres")

    def start(self):
        self.begin("patroni", self.config)

    @property
    def server(self):
        """The number of the database server's own process, None where there is none."""
        with suppress(OSError, ValueError, IndexError):
            number = int((self.folder / "data/postmaster.pid").read_text().splitlines()[0])
            if str(self.folder).encode() in Path(f"/proc/{number}/cmdline").read_bytes():  # not one that has its number now
                return number
        return None

    def senders(self):
        """The processes that send the log to standbys."""
        found = []
        for process in below(self.server):
            with suppress(OSError):
                if b"walsender" in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
        return found

    def signal_senders(self, number):
        senders = self.senders()
        assert senders, f"{self.name} sends its log to nobody"
        for process in senders:
            os.kill(process, number)

    def kill_server(self):
        """Only the database server: nobody told it to, Patroni finds it gone."""
        os.kill(self.server, signal.SIGKILL)

    def kill(self):
        """All at once, as when the machine loses its power."""
        server = self.server
        processes = [self.process.pid, *(int(one.name) for one in (below(server) if server else ()))]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()

    def ask(self, sql, database="postgres", **values):
        """The first value, by a connection of the superuser's own."""
        import psycopg

        given = {"host": self.reached_by, "port": self.port, "user": "postgres", "password": self.password}
        with psycopg.connect(**given, dbname=database, autocommit=True, connect_timeout=2) as connection:
            cursor = connection.execute(sql, values or None)
            return cursor.fetchone()[0] if cursor.description else None

    def standbys(self, state):
        """How many of that sync_state stream from it."""
        following = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = %(state)s"
        return self.ask(following, state=state)

    def takes_writes(self):
        with suppress(Exception):
            return not self.ask("SELECT pg_is_in_recovery()")
        return False


class Rig:
    """`nodes` by their order, `url(…)` for the site. Etcd and nodes may be handed in that stand on networks of their own."""

    def __init__(self, home, etcd=None, nodes=None):
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.etcd = etcd or Etcd(home)
        self.nodes = nodes or [Node(f"n{number}", home, programs) for number in (1, 2, 3)]
        self.password = secrets.token_hex(8)
        for node in self.nodes:
            node.configure(self.etcd, self.password)

    def __enter__(self):
        try:
            self.etcd.start()
            self.nodes[0].start()
            until(self.nodes[0].takes_writes, UP_SECONDS)
            for node in self.nodes[1:]:
                node.start()
            primary = self.whole()
            primary.ask(f"CREATE ROLE tanxun LOGIN PASSWORD '{self.password}'")
            primary.ask("CREATE DATABASE tanxun OWNER tanxun")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        for node in self.nodes:
            if node.process:
                node.kill()
        if self.etcd.process:
            self.etcd.kill()

    def url(self, **options):
        """Of all three: libpq finds the one that is what it looks for."""
        hosts = ",".join(f"{node.reached_by}:{node.port}" for node in self.nodes)
        asked = "&".join(f"{name}={value}" for name, value in options.items())
        return f"postgres://tanxun:{self.password}@{hosts}/tanxun" + (f"?{asked}" if asked else "")

    def members(self):
        """{name: (role, state, lag)} as the first node that answers sees them."""
        for node in self.nodes:
            with suppress(OSError, ValueError):
                seen = json.loads(ask(f"http://{node.address}:{node.rest}/cluster"))["members"]
                return {one["name"]: (one["role"], one["state"], one.get("lag", 0)) for one in seen}
        return {}

    def with_role(self, role):
        """The node that has it now, None where none has."""
        names = [name for name, seen in self.members().items() if seen[0] == role and seen[1] in ("running", "streaming")]
        return next((node for node in self.nodes if node.name in names), None)

    def whole(self, seconds=UP_SECONDS):
        """Waits until all three stand, one of them a synchronous standby that has everything; gives the primary."""

        def is_whole():
            seen = self.members().values()
            roles = sorted(role for role, state, lag in seen if state in ("running", "streaming") and lag == 0)
            # Patroni's view is some seconds old: the primary itself must see both of them stream.
            primary = self.with_role("leader")
            if roles != ["leader", "replica", "sync_standby"] or not primary or not primary.takes_writes():
                return None
            return primary if primary.standbys("async") == primary.standbys("sync") == 1 else None

        return until(is_whole, seconds)

    def change(self, **settings):
        """Settings of the cluster, as `patronictl edit-config` sets them."""
        node = self.with_role("leader")
        body = json.dumps(settings).encode()
        request = urllib.request.Request(f"http://{node.address}:{node.rest}/config", body, method="PATCH")
        with OPENER.open(request, timeout=5):
            pass

    def switch_over(self):
        """Planned: the synchronous standby takes over."""
        command = ["patronictl", "-c", self.nodes[0].config, "switchover", "--force", "tanxun"]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(as_postgres(*command), capture_output=True, text=True, check=False, cwd="/", env=environment)
        assert "Successfully switched over" in done.stdout, done.stdout + done.stderr


def ask(address):
    """The answer's text; "" where there is none."""
    with suppress(OSError, TimeoutError), OPENER.open(address, timeout=2) as answer:
        return answer.read().decode()
    return ""
