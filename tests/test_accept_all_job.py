"""Accepting a large newsletter: in the background with a hint on the desk, with the same outcome as the small one at once."""

import lxml.html
import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from certifications.models import VerificationStatement
from tanxun.digest import tasks
from tanxun.digest.models import Draft
from tanxun.jobs.attempt import Attempt
from tanxun.jobs.models import Job, State
from tanxun.jobs.queue import MOST_OPEN, claim, mend, start
from tests import factory
from tests.test_intake import HIDDEN, NEWS, STATEMENT, bring, editor  # noqa: F401 - a fixture
from tests.working import count, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(editor, monkeypatch):  # noqa: F811
    """Three items, one of which asks for its company, on a site that takes more than one for many."""
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    factory.company("苏州星河家电有限责任公司")
    factory.company("苏州星河家电股份有限公司")
    return bring(f"碳讯丨测试周报第一期\n\n01. 行业动态\n\n{STATEMENT}\n{HIDDEN}\n{NEWS}", editor).newsletter


@pytest.fixture
def desk(client, editor):  # noqa: F811
    client.force_login(editor)
    return client


def click(desk, issue):
    return desk.post(issue.get_absolute_url(), {"action": "accept_all"}, follow=True)


def parts(answer, path):
    return lxml.html.fromstring(answer.content.decode()).xpath(path)


HINT = "//section[contains(@class, 'job-hint')]"
BUTTON = "//button[@value='accept_all']"


def test_many_run_in_the_background_with_a_hint_until_it_is_put_away(desk, issue):
    assert parts(desk.get(issue.get_absolute_url()), BUTTON)
    for _click in range(20):
        answer = click(desk, issue)
    job = Job.objects.get()
    assert parts(answer, f"{HINT}/@data-poll") == [reverse("jobs:hint", args=[job.pk])]
    assert not parts(answer, BUTTON)
    assert not VerificationStatement.objects.exists()
    work_off(job)
    assert (job.state, job.done, job.total) == (State.DONE, 3, 3)
    assert (job.result["accepted"], job.result["merged"]) == (2, 0)
    left = issue.drafts.get(status="pending")
    assert left.order == 1
    assert job.result["url"].endswith(f"draft={left.pk}")
    answer = desk.get(issue.get_absolute_url())
    assert not parts(answer, f"{HINT}/@data-poll")
    assert parts(answer, f"{HINT}//a/@href")[0] == job.result["url"]
    assert job.result["words"] in parts(answer, HINT)[0].text_content()
    answer = desk.post(reverse("jobs:close", args=[job.pk]), follow=True)
    assert answer.request["PATH_INFO"] == issue.get_absolute_url()
    assert not parts(answer, HINT)


def test_the_hint_is_of_who_clicked(desk, issue, client):
    click(desk, issue)
    client.force_login(factory.user("editor"))
    assert not parts(client.get(issue.get_absolute_url()), HINT)


def test_few_are_accepted_at_once(desk, issue, monkeypatch):
    monkeypatch.setattr(tasks, "AT_ONCE", 3)
    answer = click(desk, issue)
    assert not Job.objects.exists()
    assert issue.drafts.filter(status="accepted").count() == 2
    assert len(parts(answer, "//ul[contains(@class, 'messages')]/li")) == 2


def test_what_a_job_accepted_can_be_taken_back_one_by_one(desk, issue, editor):  # noqa: F811
    click(desk, issue)
    work_off(Job.objects.get())
    draft = issue.drafts.filter(status="accepted").first()
    assert (draft.reviewed_by, draft.is_seen) == (editor, False)
    desk.post(issue.get_absolute_url(), {"action": "undo", "draft": draft.pk})
    draft.refresh_from_db()
    assert draft.is_pending
    click(desk, issue)
    work_off(Job.objects.first())
    draft.refresh_from_db()
    assert draft.status == Draft.Status.ACCEPTED


class WorkerDied(Exception):
    """Nothing of the job is settled."""


class DyingAttempt(Attempt):
    def progress(self, done, total=None, words=""):
        if done == 2:
            raise WorkerDied


def test_the_report_counts_what_an_interrupted_attempt_had_accepted(desk, issue, editor):  # noqa: F811
    click(desk, issue)
    job = Job.objects.get()
    DBTaskResult.objects.update(status="RUNNING")
    with pytest.raises(WorkerDied):
        tasks.accept_all.func.__wrapped__(DyingAttempt(claim(job.pk)), newsletter=issue.pk)
    assert issue.drafts.filter(status="accepted").count() == 1
    Job.objects.filter(pk=job.pk).update(leased_until=job.created_at)
    mend()
    work_off(job)
    assert (job.state, job.attempt, job.result["accepted"], job.done, job.total) == (State.DONE, 2, 2, 3, 3)


def test_a_reviewer_who_is_one_no_more_accepts_nothing(desk, issue, editor):  # noqa: F811
    click(desk, issue)
    editor.role = "reader"
    editor.save()
    assert work_off(Job.objects.get()).state == State.FAILED
    assert not issue.drafts.filter(status="accepted").exists()


def test_a_full_queue_is_said_on_the_desk(desk, issue, editor):  # noqa: F811
    for number in range(MOST_OPEN):
        start(count, editor, "waits", {"name": str(number)})
    answer = click(desk, issue)
    assert str(MOST_OPEN) in parts(answer, "//ul[contains(@class, 'messages')]/li")[0].text_content()
    assert Job.objects.count() == MOST_OPEN
