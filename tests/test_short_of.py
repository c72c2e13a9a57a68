"""A worker that is given too little memory, a web server that is given too few file handles: what cannot be done is refused in
words, nothing breaks, and with enough of it all goes on."""

import http.client
import os
import random
import resource
import socket
import subprocess
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils.translation import override

from certifications.models import Company, CompanyNote, VerificationStatement
from certifications.sheets import tasks
from certifications.sheets.views import stored
from tanxun.jobs.models import Job, State
from tanxun.jobs.queue import start
from tanxun.site.start import web_server
from tests import factory as f
from tests.benchmarks.sites import Side, signed_in, status, wait_for
from tests.killing import index_anew, kill_all_of
from tests.running import ROOT, free_port
from tests.sheets import row, vocabulary, workbook
from tests.working import Workers, count, shared_database, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_engine]
ROWS = 12_000
MORE_MB = 24  # that the worker may take beside what it holds when it has nothing to do
HANDLES, CONNECTIONS = 64, 100


@pytest.fixture
def url(tmp_path, db):
    vocabulary()
    f.superuser(username="starter")
    f.user("editor", username="wang")
    f.company("昆山样例电子有限公司")
    with shared_database(tmp_path) as found:
        index_anew()
        yield found


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells, and limits, what a process holds")
def test_an_import_that_needs_too_much_memory_fails_in_words_and_the_worker_goes_on(url, tmp_path):
    """OPS-10: the limit is one of addresses (RLIMIT_AS, `ulimit -v`), of which a process reserves several times what it uses:
    an idle worker more than 300 MB already. So the limit is what it holds and MORE_MB: a sheet does not fit, a small job does.
    """
    person = f.superuser(username="importer")
    rows = [row(number=f"N-{number}", company=f"第{number}有限公司" + "长" * 60, product="长" * 90) for number in range(ROWS)]
    record = stored(SimpleUploadedFile("sheet.xlsx", workbook(tmp_path, *rows).read_bytes()), person)
    with Workers(url, tmp_path) as workers:
        worker = workers.begin()
        over(start(count, person, "first", {"name": "first"}))
        most = int(status(Path(f"/proc/{worker.pid}"), "VmSize") + MORE_MB) << 20
        resource.prlimit(worker.pid, resource.RLIMIT_AS, (most, most))
        with override("en"):
            job = tasks.start_work(tasks.bring_in, record, person)
        over(job)
        after = start(count, person, "after", {"name": "after"})
        if worker.poll() is not None:  # `start` begins another one
            workers.begin()
        assert over(after).state == State.DONE
    assert job.state == State.FAILED, workers.said()
    assert "memory" in job.error or "interrupted 3 times" in job.error, workers.said()
    assert not VerificationStatement.objects.exists()
    print(f"limit {most >> 20} MB:", job.error)


def over(job):
    until(lambda: not Job.objects.open().filter(pk=job.pk).exists())
    job.refresh_from_db()
    return job


def test_without_file_handles_it_refuses_and_comes_back(url, tmp_path):
    """OPS-11: more connections than handles; who writes is served, told to come again, or not let in; never a fault of ours."""
    side = Side("few handles", free_port(), 0)
    server = subprocess.Popen(
        web_server("127.0.0.1", side.port),
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        start_new_session=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (HANDLES, HANDLES)),  # noqa: PLW1509
    )
    try:
        wait_for(side)
        side.cookies = signed_in(side, "wang", "pass-word-1")
        address = Company.objects.get().get_absolute_url()
        held = [connected(side.port) for _number in range(CONNECTIONS * (os.cpu_count() or 1))]
        with ThreadPoolExecutor(12) as people:
            answers = list(people.map(lambda _number: written(side, address, seconds=2), range(12)))
        for one in held:
            one.close()
        until(lambda: written(side, address, seconds=5)[1] == http.client.FOUND, 60)
        assert server.poll() is None
    finally:
        kill_all_of(server)
    statuses = Counter(status for _text, status in answers)
    print(statuses)
    assert set(statuses) <= {http.client.FOUND, http.client.SERVICE_UNAVAILABLE, None}, statuses
    assert set(statuses) != {http.client.FOUND}, "there were enough handles: nothing was tried"
    kept = set(CompanyNote.objects.values_list("text", flat=True))
    assert {text for text, status in answers if status == http.client.FOUND} <= kept
    call_command("check_data", verbosity=0)


def connected(port):
    """A connection that was let in, if it was, and is kept by asking for something."""
    one = socket.socket()
    one.settimeout(0.2)
    try:
        one.connect(("127.0.0.1", port))
        one.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    except OSError:
        pass
    return one


def written(side, address, seconds):
    """(text, status) of a note that is sent; None where nobody answered."""
    visitor, text = side.visitor(), uuid.UUID(int=random.getrandbits(128)).hex
    visitor.connection.timeout = seconds
    try:
        return text, visitor.post(address, {"action": "add", "text": text, "token": text}).status
    except (OSError, http.client.HTTPException):
        return text, None
    finally:
        visitor.connection.close()
