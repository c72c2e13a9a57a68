"""A worker killed while it writes a file: the job is taken again, one whole file is offered, no half one is (EXP-12)."""

import pytest
from django.http import QueryDict

from tanxun.jobs.models import Job, State
from tanxun.listing.exports import folder, start_export
from tanxun.listing.files import order
from tanxun.listing.page import find
from tests import factory as f
from tests.killing import multiply
from tests.working import Workers, shared_database, until

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 20_000


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_killed_while_it_writes(tmp_path, ending):
    manager = f.user("manager")
    multiply(f.statement(summary="长" * 200, verification_body=None, is_body_undisclosed=True), ROWS)
    with shared_database(tmp_path) as url, Workers(url, tmp_path) as workers:
        job = start_export(order(find("statements"), ending, QueryDict("")), manager)
        first = workers.begin()
        until(lambda: Job.objects.filter(pk=job.pk, state=State.RUNNING, done__gt=0) or list(folder().glob(f"{job.pk}-*.part")))
        assert not list(folder().glob(f"{job.pk}-*.{ending}"))
        first.kill()
        first.wait()
        assert Job.objects.get(pk=job.pk).state == State.RUNNING
        workers.begin()
        until(lambda: not Job.objects.open().filter(pk=job.pk).exists(), 90)
        job.refresh_from_db()
        assert (job.state, job.attempt) == (State.DONE, 2)
        (file,) = folder().glob(f"{job.pk}*")
        assert file.name == job.result["file"]
        assert ending == "xlsx" or file.read_bytes().count(b"\r\n") == ROWS + 1
        file.unlink()
