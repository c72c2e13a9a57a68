"""Real workers that are killed, frozen, told to end, or two at once: every job has its effect once, or none and a reason."""

import os
import random
import signal
import threading
import time
from collections import Counter

import pytest
from django.db import connection, connections
from django_tasks_db.models import DBTaskResult

from certifications.models import VerificationStatement
from tanxun.digest import tasks
from tanxun.digest.models import Draft
from tanxun.jobs import yielding
from tanxun.jobs.models import Job, State
from tanxun.jobs.queue import MOST_OPEN, cancel, start
from tests import factory
from tests.test_intake import bring, editor  # noqa: F401 - a fixture
from tests.working import (
    Workers,
    count,
    kill_the_worker,
    leave_each,
    left,
    niceness,
    shared_database,
    show_niceness,
    show_timeout,
    until,
    write_slowly,
)

pytestmark = pytest.mark.django_db(transaction=True)
JOBS, KILLS = (int(number) for number in os.environ.get("JOBS_AND_KILLS", "40 2").split())  # the goal is measured with "1000 20"


@pytest.fixture
def url(tmp_path, request):
    # The users of a test are written before its database is copied.
    request.getfixturevalue("person")
    with shared_database(tmp_path) as found:
        yield found


@pytest.fixture
def person(db):
    return factory.superuser(username="starter")


@pytest.fixture
def workers(url, tmp_path):
    with Workers(url, tmp_path) as some:
        yield some


def begin(kind, person, **arguments):
    return start(kind, person, "a job", arguments)


def now(job):
    return Job.objects.get(pk=job.pk)


def running(job, done=1):
    """The job as it runs, once it has shown some progress."""
    return until(lambda: Job.objects.filter(pk=job.pk, state=State.RUNNING, done__gte=done).first())


def over(*jobs):
    until(lambda: not Job.objects.open().filter(pk__in=[job.pk for job in jobs]).exists(), seconds=120 + len(jobs))
    return [now(job) for job in jobs]


def test_killed_while_it_runs_the_job_is_taken_again_and_has_one_effect(workers, person):  # OPS-02
    job = begin(count, person, name="once", steps=20, pause=0.1)
    first = workers.begin()
    running(job)
    first.kill()
    workers.begin()
    (job,) = over(job)
    assert (job.state, left("once"), job.result["words"]) == (State.DONE, 1, "counted to 20")
    assert job.attempt >= 2


def test_killed_between_writing_and_the_end_nothing_stands_until_the_next_attempt(workers, person):  # OPS-02
    job = begin(write_slowly, person, name="written", pause=1)
    first = workers.begin()
    until(lambda: now(job).state == State.RUNNING)
    time.sleep(0.5)  # inside the transaction, by all that can be seen from outside
    first.kill()
    assert left("written") == 0
    workers.begin()
    (job,) = over(job)
    assert (job.state, left("written")) == (State.DONE, 1)
    assert job.attempt >= 2


def test_killed_at_any_moment_every_step_stands_once(workers, person):  # OPS-02
    jobs = [begin(leave_each, person, name=f"steps {number}", steps=8, pause=0.05) for number in range(4)]
    tokens = set()
    for seconds in (0.13, 0.58):  # twice: no job can meet its third
        worker = workers.begin()
        running = Job.objects.filter(state=State.RUNNING).exclude(token__in=tokens)
        tokens.add(until(running.values_list("token", flat=True).first))
        time.sleep(seconds)
        worker.kill()
        worker.wait()
    workers.begin()
    assert [(job.state, left(job.arguments["name"])) for job in over(*jobs)] == [(State.DONE, 8)] * 4


@pytest.mark.any_engine
def test_a_job_that_kills_its_worker_ends_after_three_and_the_queue_goes_on(workers, person):  # OPS-03
    poison, after = begin(kill_the_worker, person), begin(count, person, name="after")
    for attempt in (1, 2, 3):
        assert workers.begin().wait(120) == -signal.SIGKILL
        assert now(poison).attempt == attempt
    workers.begin()
    poison, after = over(poison, after)
    assert (poison.state, poison.attempt) == (State.FAILED, 3)
    assert "3" in poison.error
    assert (after.state, left("after")) == (State.DONE, 1)


def test_two_workers_that_are_killed_again_and_again_do_every_job_once(workers, person):  # OPS-02, OPS-04
    people = [person, *(factory.superuser(username=f"starter {number}") for number in range((JOBS - 1) // MOST_OPEN))]
    jobs = [begin(count, people[number // MOST_OPEN], name=f"job {number}", pause=0.05) for number in range(JOBS)]
    pair = [workers.begin(), workers.begin()]
    for turn in range(KILLS):
        done = Job.objects.filter(state=State.DONE).count()
        until(lambda done=done: Job.objects.filter(state=State.DONE).count() > done or not Job.objects.open().exists())
        time.sleep(random.uniform(0, 0.3))
        pair[turn % 2].kill()
        pair[turn % 2] = workers.begin()
    assert Counter((job.state, left(job.arguments["name"])) for job in over(*jobs)) == {(State.DONE, 1): JOBS}
    assert len({worker for entry in DBTaskResult.objects.all() for worker in entry.worker_ids}) > 2
    print(f"{JOBS} jobs, {KILLS} kills, {Job.objects.filter(attempt__gt=1).count()} taken again, none lost or done twice")


def test_a_worker_that_lost_its_lease_writes_nothing(workers, person):
    """Frozen in the middle and woken after another has done its job."""
    job = begin(count, person, name="frozen", steps=30, pause=0.1)
    first = workers.begin()
    running(job)
    os.kill(first.pid, signal.SIGSTOP)
    workers.begin()
    (job,) = over(job)
    os.kill(first.pid, signal.SIGCONT)
    until(lambda: "lost its lease" in workers.said())
    assert (job.state, left("frozen")) == (State.DONE, 1)
    assert now(job).finished_at == job.finished_at


def test_a_stopped_job_ends_at_the_next_beat_without_an_effect(workers, person):
    job, after = begin(count, person, name="stopped", steps=600, pause=0.1), begin(count, person, name="next")
    workers.begin()
    running(job)
    asked = time.monotonic()
    cancel(job)
    job, after = over(job, after)
    assert time.monotonic() - asked < 10
    assert (job.state, left("stopped"), left("next")) == (State.CANCELLED, 0, 1)
    assert 0 < job.done < 600


@pytest.mark.any_engine
def test_told_to_end_the_worker_gives_its_job_back(workers, person):  # OPS-05
    job = begin(leave_each, person, name="given back", steps=25, pause=0.1)
    first = workers.begin()
    running(job)
    first.terminate()
    assert first.wait(20) == 0
    job = now(job)
    assert (job.state, job.attempt) == (State.WAITING, 0)
    workers.begin()
    (job,) = over(job)
    assert (job.state, left("given back")) == (State.DONE, 25)


def test_twenty_clicks_at_once_make_one_job(url, person):
    found, barrier = [], threading.Barrier(20)
    threads_database = connections["default"].settings_dict

    def click():
        connections["default"].settings_dict = threads_database  # the copy, as in this thread
        barrier.wait()
        try:
            found.append(begin(count, person, name="clicked").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _click in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    assert len(set(found)) == 1
    assert Job.objects.count() == 1


@pytest.mark.skipif(not yielding.SESSION.exists(), reason="Linux shares the processor among processes here, not among sessions")
@pytest.mark.parametrize("is_service", [True, False], ids=["a service", "in a terminal"])
def test_as_a_service_it_gives_way_but_not_while_others_wait_for_what_it_writes(workers, person, is_service):
    process = workers.begin(start_new_session=is_service)
    before, inside = over(begin(show_niceness, person))[0].result["words"].split()
    own = niceness()
    assert (before, inside, niceness(process.pid)) == (("10", "0", "10") if is_service else (own, own, own))


def test_jobs_run_without_the_statement_timeout(workers, person):
    if connection.vendor != "postgresql":  # the promise is that a limit is lifted, and only PostgreSQL has one
        pytest.skip("SQLite has no time limit for statements that a job could be free of")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] != "0"
    job = begin(show_timeout, person)
    workers.begin()
    assert over(job)[0].result["words"] == "0"


def test_accepting_a_whole_newsletter_survives_a_kill(editor, url, workers):  # noqa: F811
    items = "".join(
        f"第{number}家:获产品碳足迹核查声明\n\n近日,苏州星河{number}号家电有限公司的洗衣机获得SGS颁发的产品碳足迹核查声明。\n\n"
        for number in range(30)
    )
    issue = bring(f"碳讯丨测试周报第九期\n\n01. 行业动态\n\n{items}", editor).newsletter
    job = tasks.start_accepting(issue, editor)
    first = workers.begin()
    running(job, 5)
    first.kill()
    first.wait()
    accepted = Draft.objects.filter(status="accepted").count()
    assert 0 < accepted < 30
    workers.begin()
    (job,) = over(job)
    assert (job.state, job.result["accepted"], job.done, job.total) == (State.DONE, 30, 30, 30)
    assert job.attempt >= 2
    assert VerificationStatement.objects.count() == 30
    assert not Draft.objects.filter(status="pending").exists()
