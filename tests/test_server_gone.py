"""The database server cannot be reached: the process is alive, says that it cannot work, and tells nobody why (CWE-209)."""

import os
import re
import subprocess
import time

import pytest

from tanxun.site.start import web_server
from tests.benchmarks.sites import Side, wait_for
from tests.running import ROOT, free_port

pytestmark = pytest.mark.driver
LEAKS = re.compile(r"psycopg|postgres|sqlite|django|python|granian|127\.0\.0\.1|5432|\d+\.\d+|Traceback", re.I)


@pytest.fixture
def side(tmp_path):
    """A web server whose database has stopped: nobody listens at its port."""
    gone, port = free_port(), free_port()
    given = {"DATABASE_URL": f"postgres://tanxun@127.0.0.1:{gone}/tanxun", "DATA_DIR": str(tmp_path)}
    given |= {"DJANGO_SETTINGS_MODULE": "tanxun.settings", "SECRET_KEY": "x" * 60}
    process = subprocess.Popen(web_server("127.0.0.1", port), cwd=ROOT, env=os.environ | given)
    made = Side("gone", port, process.pid)
    try:
        wait_for(made)
        yield made
    finally:
        process.terminate()
        process.wait(30)


def test_it_is_alive_and_not_ready_and_says_no_more(side):
    """OPS-15: the goal is 2 s for either; what they took is printed."""
    visitor = side.visitor()
    for path, status in (("/livez", 200), ("/readyz", 503), ("/readyz", 503), ("/statements/", 503)):
        begin = time.monotonic()
        answer = visitor.ask("GET", path, b"", {})
        taken = time.monotonic() - begin
        print(f"\n{path} without a database: {answer.status} after {taken * 1000:.0f} ms (goal: 2000)")
        assert answer.status == status, path
        assert taken < 20  # the machine of a test may be busy; nobody is left waiting
        said = answer.text if path != "/statements/" else re.sub(r"<[^>]*>", "", answer.text)
        assert not LEAKS.search(said), path
