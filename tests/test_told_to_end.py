"""A site that is told to end answers whoever it is just serving, and ends in time (OPS-05; the worker: test_jobs_killed.py)."""

import http.client
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from certifications.models import CompanyNote
from tests import factory as f
from tests.benchmarks.sites import Side, signed_in
from tests.running import RunningSite
from tests.working import is_waited_for, shared_database, until, writing

FORM = {"action": "add", "text": "Rang them up", "follow_up_on": "", "token": "7c" * 16}


@pytest.mark.any_engine
@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_being_saved_is_saved_and_answered(tmp_path):
    """OPS-05: SIGTERM comes while the form waits for another writer; the site ends within 30 s."""
    address = f.company("昆山样例电子有限公司").get_absolute_url()
    f.user("editor", username="wang")
    ours = {"DJANGO_SETTINGS_MODULE": "tests.settings"}  # which know the password's quick hash
    longer = "?options=-c%20lock_timeout%3D60000" if connection.vendor == "postgresql" else ""  # a busy machine takes its time
    with (
        shared_database(tmp_path) as url,
        RunningSite(tmp_path / "data", "--no-sample", DATABASE_URL=url + longer, **ours) as site,
    ):
        side = Side("ending", site.port, site.process.pid)
        side.cookies = signed_in(side, "wang", "pass-word-1")
        with ThreadPoolExecutor(1) as pool:
            with writing(url) as other:
                asked = pool.submit(side.visitor().post, address, FORM)
                if connection.vendor == "postgresql":
                    until(lambda: is_waited_for(other))
                time.sleep(1)  # nobody can see who waits for SQLite's lock
                begin = time.monotonic()
                site.process.send_signal(signal.SIGTERM)
                until(lambda: "Stopping" in site.output)
                time.sleep(1)
                assert not asked.done()
            answer = asked.result(30)
        assert answer.status == http.client.FOUND
        assert site.process.wait(30) == 0
        print(f"\nended {time.monotonic() - begin:.1f} s after SIGTERM, 1 s of it held up by the other writer")
        assert CompanyNote.objects.get().text == FORM["text"]
    with pytest.raises(OSError):  # noqa: PT011 - refused, reset, or not there: whatever the machine calls it
        side.visitor().ask("GET", "/livez", b"", {})
