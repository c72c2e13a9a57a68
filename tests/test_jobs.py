"""Jobs as their owner meets them: one for many clicks, their page, how each ends and in which words; and who sees them."""

import datetime as dt
import uuid

import lxml.html
import pytest
from django.db import DatabaseError
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from django_tasks_db.models import DBTaskResult

from tanxun.jobs import queue
from tanxun.jobs.attempt import Attempt, Cancelled, JobError, LeaseLost
from tanxun.jobs.models import KEPT, Job, State
from tanxun.jobs.queue import MOST_ATTEMPTS, MOST_OPEN, cancel, claim, mend, start
from tanxun.listing.freshness import version
from tests import factory
from tests.working import count, fail, leave, leave_each, left, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return factory.superuser(username="starter")


def begin(kind, person, **arguments):
    return start(kind, person, "数羊", arguments, place="/companies/")


def page(client, address="/jobs/", status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return lxml.html.fromstring(answer.content.decode())


def test_the_same_thing_asked_for_again_is_the_same_job_until_it_is_over(person):
    jobs = {begin(count, person, name="one", steps=2).pk for _click in range(20)}
    assert len(jobs) == 1
    assert DBTaskResult.objects.count() == 1
    assert begin(count, person, name="other", steps=2).pk not in jobs
    assert begin(count, factory.user("manager"), name="one", steps=2).pk not in jobs
    job = work_off(Job.objects.get(pk=jobs.pop()))
    assert (job.state, left("one")) == (State.DONE, 1)
    assert begin(count, person, name="one", steps=2).pk != job.pk


def test_nobody_fills_the_queue(person):
    for number in range(MOST_OPEN):
        begin(count, person, name=str(number))
    with pytest.raises(JobError, match=str(MOST_OPEN)):
        begin(count, person, name="one more")
    assert Job.objects.count() == DBTaskResult.objects.count() == MOST_OPEN
    assert begin(count, person, name="0").title == "数羊"  # one that is there already
    assert begin(count, factory.user(), name="theirs")


def test_an_entry_that_is_left_over_does_nothing(person):
    job = work_off(begin(count, person, name="once"))
    count.call(str(job.pk))
    job.refresh_from_db()
    assert (job.attempt, left("once")) == (1, 1)


def test_the_page_shows_progress_outcome_and_nothing_of_others(client, person):
    client.force_login(person)
    assert page(client).xpath("//*[contains(@class, 'empty')]")
    done, waiting = work_off(begin(count, person, name="done", steps=5)), begin(count, person, name="waiting")
    other = begin(count, factory.user(), name="hidden")
    Job.objects.filter(pk=done.pk).update(result={"words": "数到五", "url": "/statements/", "label": "去看"})
    shown = page(client)
    rows = [row.text_content() for row in shown.xpath("//tbody/tr")]
    assert len(rows) == 2
    assert "数到五" in rows[1]
    assert shown.xpath("//tbody/tr[2]//a[text()='去看']/@href") == ["/statements/"]
    assert shown.xpath("//*[@data-poll]/@data-poll") == [reverse("jobs:rows")]
    assert shown.xpath("//noscript//a/@href") == ["/jobs/"]
    assert shown.xpath("//form/@action").count(reverse("jobs:stop", args=[waiting.pk])) == 1
    for pk in (other.pk, uuid.uuid4()):
        assert client.get(reverse("jobs:hint", args=[pk])).status_code == 404
        for address in ("jobs:stop", "jobs:close"):
            assert client.post(reverse(address, args=[pk])).status_code == 404
    other.refresh_from_db()
    assert (other.state, other.is_cancelling, other.is_read) == (State.WAITING, False, False)
    client.logout()
    assert client.get("/jobs/").status_code == 302
    assert client.get(reverse("jobs:rows")).status_code == 302


def test_the_page_costs_the_same_for_many_jobs(client, person, django_assert_num_queries):
    client.force_login(person)
    for number in range(MOST_OPEN):
        begin(count, person, name=str(number))
    with django_assert_num_queries(3):
        assert len(page(client).xpath("//tbody/tr")) == MOST_OPEN


def test_what_is_over_stays_until_it_expires(client, person):
    client.force_login(person)
    job = work_off(begin(count, person, name="old"))
    assert abs(job.expires_at - timezone.now() - KEPT) < dt.timedelta(minutes=1)
    assert len(page(client).xpath("//tbody/tr")) == 1
    Job.objects.filter(pk=job.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert not page(client).xpath("//tbody/tr")
    assert page(client, reverse("jobs:hint", args=[job.pk]), 404) is not None
    assert Job.objects.get(pk=job.pk).title == "数羊"  # for the record


def test_managers_see_all_in_the_admin_and_change_nothing(client, person):
    """SEC-07: who asked for what, and when, is who did what."""
    job = begin(count, person, name="seen")
    address = reverse("admin:jobs_job_changelist")
    for role, status in (("consultant", 403), ("editor", 403), ("manager", 200)):
        client.force_login(factory.user(role))
        assert client.get(address).status_code == status, role
    one = client.get(reverse("admin:jobs_job_change", args=[job.pk]))
    assert one.status_code == 200
    assert b'name="_save"' not in one.content
    client.force_login(person)
    assert client.post(reverse("admin:jobs_job_delete", args=[job.pk]), {"post": "yes"}).status_code == 403


def test_stopping_one_that_waits(client, person):
    client.force_login(person)
    job = begin(count, person, name="stopped")
    assert client.post(reverse("jobs:stop", args=[job.pk])).status_code == 302
    work_off(job)
    assert (job.state, job.attempt, left("stopped")) == (State.CANCELLED, 0, 0)
    assert client.get(reverse("jobs:stop", args=[job.pk])).status_code == 405
    finished = work_off(begin(count, person, name="finished"))
    client.post(reverse("jobs:stop", args=[finished.pk]))
    finished.refresh_from_db()
    assert finished.state == State.DONE


@pytest.mark.parametrize(
    ("how", "words"),
    [("refused", "choose something"), ("broken", "number {key}"), ("full", "make room"), ("memory", "less at once")],
)
def test_a_failure_says_what_to_do(client, person, how, words):
    client.force_login(person)
    with override("en"):
        job = work_off(begin(fail, person, how=how))
    assert (job.state, job.attempt) == (State.FAILED, 1)
    assert words.format(key=job.pk) in job.error
    assert "ZeroDivision" not in job.error
    assert job.error in page(client).text_content()
    assert begin(fail, person, how=how).pk != job.pk


def test_words_are_in_the_language_of_who_started_it(person):
    with override("en"):
        job = begin(fail, person, how="memory")
    with override("zh-hans"):
        assert work_off(job).error.isascii()


def test_trouble_of_the_database_is_tried_again_and_not_for_ever(person):
    job = begin(fail, person, how="database")
    for attempt in range(1, MOST_ATTEMPTS):
        assert (work_off(job).state, job.attempt) == (State.WAITING, attempt)
    assert work_off(job).state == State.FAILED
    assert str(MOST_ATTEMPTS) in job.error


def test_who_lost_the_right_meanwhile_is_refused(person):
    """SEC-12."""
    job = begin(count, person, name="refused")
    person.is_superuser = False
    person.save()
    assert work_off(job).state == State.FAILED
    assert job.error
    assert left("refused") == 0


def test_whose_account_is_closed_is_refused_too(person):
    job = begin(count, person, name="closed")
    person.is_active = False
    person.save()
    assert work_off(job).state == State.FAILED
    gone = begin(count, factory.superuser(username="gone"), name="gone")
    gone.owner.delete()
    assert work_off(gone).state == State.FAILED
    assert left("closed") + left("gone") == 0


def held(person, **arguments):
    """An attempt at a job, as its worker holds it."""
    job = begin(leave_each, person, **arguments)
    DBTaskResult.objects.filter(pk=Job.objects.get(pk=job.pk).entry).update(status="RUNNING")
    return Attempt(claim(job.pk))


def test_only_the_holder_commits(person):
    attempt = held(person, name="fenced", steps=2, pause=0)
    Job.objects.filter(pk=attempt.pk).update(token=uuid.uuid4(), attempt=2)
    for kind_of_end in (attempt.step, attempt.effect):
        with pytest.raises(LeaseLost), kind_of_end():
            leave(attempt, "fenced")
    with pytest.raises(LeaseLost):
        attempt.close(State.FAILED, "no")
    assert left("fenced") == 0
    assert Job.objects.get(pk=attempt.pk).state == State.RUNNING


def test_stopped_in_the_middle_of_the_effect_it_is_taken_back(person):
    attempt = held(person, name="late", steps=2, pause=0)

    def write():
        with attempt.effect():
            leave(attempt, "late")
            cancel(Job.objects.get(pk=attempt.pk))

    with pytest.raises(Cancelled):
        write()
    assert left("late") == 0


def lapse(job):
    Job.objects.filter(pk=job.pk).update(leased_until=Now() - dt.timedelta(seconds=1))


def test_a_job_whose_worker_died_is_queued_again(person):
    attempt = held(person, name="lost", steps=2, pause=0)
    assert mend() == 0
    lapse(attempt)
    assert mend() == 1
    assert mend() == 0
    job = Job.objects.get(pk=attempt.pk)
    assert (job.state, job.attempt) == (State.WAITING, 1)
    with pytest.raises(LeaseLost), attempt.step():
        leave(attempt, "lost")
    assert (work_off(job).state, job.attempt, left("lost")) == (State.DONE, 2, 2)


def test_a_job_whose_queue_entry_is_gone_is_queued_again(person):
    """Taken from the queue by a worker that died before it had the job; and pruned."""
    taken, pruned, fine = (begin(count, person, name=name) for name in ("taken", "pruned", "fine"))
    DBTaskResult.objects.filter(pk=Job.objects.get(pk=taken.pk).entry).update(status="RUNNING")
    DBTaskResult.objects.filter(pk=Job.objects.get(pk=pruned.pk).entry).delete()
    assert mend() == 0
    for job in (taken, pruned, fine):
        lapse(job)
    assert mend() == 2
    assert [work_off(job).state for job in (taken, pruned, fine)] == [State.DONE] * 3


def test_a_stopped_job_whose_worker_died_is_not_tried_again(person):
    attempt = held(person, name="stopped", steps=2, pause=0)
    cancel(Job.objects.get(pk=attempt.pk))
    lapse(attempt)
    mend()
    assert Job.objects.get(pk=attempt.pk).state == State.CANCELLED


def test_a_kind_that_is_no_more_ends_with_a_reason(person):
    attempt = held(person, name="gone", steps=2, pause=0)
    Job.objects.filter(pk=attempt.pk).update(kind="tests.working.no_such_work")
    lapse(attempt)
    mend()
    job = Job.objects.get(pk=attempt.pk)
    assert (job.state, bool(job.error)) == (State.FAILED, True)


def test_what_a_step_kept_is_there_for_the_next_attempt(person):
    attempt = held(person, name="kept", steps=3, pause=0)
    with attempt.step():
        leave(attempt, "kept")
        attempt.result["steps"] = 1
    lapse(attempt)
    mend()
    assert work_off(Job.objects.get(pk=attempt.pk)).result["steps"] == 3
    assert left("kept") == 3


def test_its_progress_makes_no_cached_figure_old(person, django_capture_on_commit_callbacks):
    before = version()
    with django_capture_on_commit_callbacks(execute=True):
        attempt = held(person, name="quiet", steps=2, pause=0)
        attempt.progress(1, 2)
        attempt.close(State.FAILED, "quiet")
    assert version() == before


def test_nothing_is_queued_when_starting_fails(person, monkeypatch):
    def broken(job):
        raise DatabaseError

    monkeypatch.setattr(queue, "enqueue", broken)
    with pytest.raises(DatabaseError):
        begin(count, person, name="half")
    assert not Job.objects.exists()


def behind(first, second):
    """`second`, raised while `first` was dealt with."""
    first.__context__, second.__context__ = None, first
    return second


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (MemoryError(), True),
        (OSError(12, "Cannot allocate memory"), True),
        (behind(MemoryError(), SystemError("error return without exception set")), True),
        (DatabaseError("out of memory for query result"), True),
        (ValueError("memory"), False),
    ],
)
def test_what_failed_for_want_of_memory_is_told_so(error, is_it):
    """OPS-10: libraries answer it by faults of their own."""
    assert queue.is_short_of_memory(error) is is_it
