"""A site on a database of its own that is never served, only worked on by commands: for tests of backups and checks."""

import json
import os
import subprocess
import sys
import weakref

from tests.killing import NAME
from tests.running import ROOT, database_url


class Site:
    """It begins with a copy of the database at `like`."""

    def __init__(self, folder, like="", **environment):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        if "DATABASE_URL" not in environment:
            environment["DATABASE_URL"] = database_url(folder, like)
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "LANG": "en_GB.UTF-8",
            "PGAPPNAME": NAME,
            **environment,
        }
        self.environment.pop("PYTEST_XDIST_WORKER", None)
        self.shell = None

    @property
    def database(self):
        return self.environment["DATABASE_URL"]

    def begin(self, *arguments):
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def manage(self, *arguments, fails=False):
        with self.begin(*arguments) as process:
            try:
                out, err = process.communicate(timeout=300)
            finally:
                process.kill()  # of one that has ended, nothing
        assert bool(process.returncode) == fails, (out, err)
        return err if fails else out

    def ask(self, code):
        """What an expression of Python is, in the site."""
        return self.do(f"print({code})").strip()

    def do(self, code):
        """What some Python prints, in a process that begins with the first question: starting one for each takes seconds."""
        if not self.shell:
            command, pipe = [sys.executable, "-c", f"{PRELUDE}\n{ANSWER}"], subprocess.PIPE
            self.shell = subprocess.Popen(command, cwd=ROOT, env=self.environment, text=True, stdin=pipe, stdout=pipe)
            weakref.finalize(self, end, self.shell)
        print(json.dumps(code), file=self.shell.stdin, flush=True)
        said, fault = json.loads(self.shell.stdout.readline())
        assert not fault, fault
        return said

    @property
    def tallies(self):
        return self.ask("{m._meta.label: tuple(tables.tally(m, 'default')) for m in tables.kept_models()}")


def end(process):
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


# What `ask` and `do` know.
PRELUDE = """
import django
django.setup()
from pathlib import Path
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from certifications.models import Company, VerificationStatement
from tanxun.alerts.models import Message
from tanxun.jobs.models import Job
from tanxun.site import tables
from tests import factory
User = get_user_model()
"""
# The samples, an account, and a name that was taken away.
FILL = """
from tanxun.site import reference, samples
from tanxun.digest import intake
reference.load(lambda line: None)
user = User.objects.create_superuser('boss', password='Zhengshu-2026')
for name, content, day in samples.sample_issues():
    intake.accept_all(intake.bring_in(name, content, reference_date=day, user=user).newsletter, user)
factory.company(name='苏州曾有公司').remove('twice')
"""
# Line after line of code, each in a name space of its own; between them no connection stands, for the database may be replaced.
ANSWER = """
import contextlib, io, json, sys, traceback
from django.contrib.contenttypes.models import ContentType
from django.db import connections
known = dict(globals())
for line in sys.stdin:
    said, fault = io.StringIO(), ''
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), known | {})
    except Exception:
        fault = traceback.format_exc()
    connections.close_all()
    ContentType.objects.clear_cache()
    print(json.dumps([said.getvalue(), fault]), flush=True)
"""
