"""A site whose web server was started before `migrate`: told on each page and to the balancer, never an HTTP 500. (OPS-07)"""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection

from tanxun.site import health
from tests import factory as f
from tests.rights import addresses
from tests.running import ROOT

ASK = """
import json, sys
import django
django.setup()
from django.test import Client
client, balancer = [Client(raise_request_exception=False, headers={"host": "127.0.0.1"}) for _each in range(2)]
client.cookies["django_language"] = balancer.cookies["django_language"] = "en"
client.cookies["sessionid"] = "a" * 32  # of somebody who was signed in, so that the database is asked who that is
found = {}
for path in json.load(sys.stdin):
    answer = (balancer if path in ("/livez", "/readyz") else client).get(path)
    body = b"".join(answer) if answer.streaming else answer.content
    found[path] = [answer.status_code, answer.headers.get("Retry-After"), body.decode()]
print(json.dumps(found))
"""


def answers(paths, url, folder):
    """{path: (status, when to come again, text)} of a process that serves the site with that database."""
    environment = os.environ | {"DATA_DIR": str(folder), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=environment,
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.any_engine  # the other's numbers of faults are tried below
def test_no_page_of_an_empty_database_breaks(tmp_path):
    paths = [path for path in addresses() if "<" not in path and "(" not in path]
    assert len(paths) > 60
    found = answers(paths, f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path)
    assert found["/livez"][0] == 200
    assert found["/readyz"][::2] == [503, "The database is not migrated."]
    assert {path for path, (status, *_more) in found.items() if status >= 500 and status != 503} == set()
    status, when, text = found["/statements/"]
    assert (status, when) == (503, "5")
    assert "The site is being updated" in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ['"certifications_company"', '"certifications_company"."name"'], ids=["table", "column"])
def test_what_a_migration_still_has_to_make_is_no_fault(client, monkeypatch, name):
    """By the driver's own error on either database; where no migration is to come, it is a fault of ours."""
    client.force_login(f.superuser())
    client.cookies["django_language"] = "en"
    client.raise_request_exception = False

    def without(execute, sql, *rest):
        return execute(sql.replace(name, f'{name[:-1]}_to_come"'), *rest)

    with connection.execute_wrapper(without):
        for count, status, words in [(1, 503, "The site is being updated"), (0, 500, "Something went wrong")]:
            monkeypatch.setattr(health, "pending_migrations", lambda count=count: count)
            answer = client.get("/companies/")
            assert (answer.status_code, words in answer.content.decode()) == (status, True)
