"""A request that met a database server which went away is answered by the next one: what may be done twice is tried again,
three times in all, and stands once; all else is told to wait."""

import pytest
from django.db import InternalError, OperationalError, connection
from django.test import Client

from certifications.models import Company, CompanyNote
from tanxun.records.models import FormToken
from tanxun.site import again
from tanxun.site.models import User
from tests import factory as f

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {"action": "add", "text": "Rang them up", "follow_up_on": "", "token": "7a" * 16}


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(again, "PAUSES", (0, 0))
    f.company("昆山样例电子有限公司")
    client = Client(raise_request_exception=False)
    client.force_login(f.user("editor", username="wang"))
    return client


class Failing:
    """Lets so many statements on a table fail with that number of PostgreSQL's; `met` counts them."""

    def __init__(self, number, times=1, table="certifications_company"):
        self.number, self.times, self.table, self.met = number, times, table, 0

    def __call__(self, execute, sql, params, many, context):
        if f'"{self.table}"' in str(sql) and self.met < self.times:
            self.met += 1
            # A server that became a standby speaks of an internal error.
            error = (InternalError if self.number == "25006" else OperationalError)("cannot now")
            error.__cause__ = Exception("cannot now")
            error.__cause__.sqlstate = self.number or None
            raise error
        return execute(sql, params, many, context)


@pytest.mark.parametrize("number", ["", "08006", "25006", "40001", "40P01", "53300", "57P01"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_page_and_a_form_with_a_token_are_tried_again(client, number, times):
    """DB-11, HA-12"""
    address = Company.objects.get().get_absolute_url()
    with connection.execute_wrapper(Failing(number, times)):
        assert client.get(address).status_code == 200
    with connection.execute_wrapper(Failing(number, times, "records_formtoken")):
        assert client.post(address, FORM).status_code == 302
    assert CompanyNote.objects.get().text == FORM["text"]


def test_a_session_that_could_not_be_read_is_read_again(client):
    """What asks the database before any page does is tried again, too."""
    with connection.execute_wrapper(failing := Failing("57P01", 2, "django_session")):
        assert client.get("/companies/").status_code == 200
    assert failing.met == 2


def test_each_try_reads_the_person_anew(client):
    """Who was signed in at the first try may be locked, or have another role, by the second."""
    asked, address = [], Company.objects.get().get_absolute_url()

    def notice(execute, sql, params, many, context):
        asked.append('FROM "site_user"' in str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(Failing("57P01")), connection.execute_wrapper(notice):
        assert client.get(address).status_code == 200
    assert sum(asked) == 2


def test_only_a_new_note_carries_a_token(client):
    """A change of an old one spends none, so it may not be sent twice."""
    company = Company.objects.get()
    CompanyNote.objects.create(company=company, text="Old", written_by=User.objects.get(username="wang"))
    page = client.get(company.get_absolute_url()).content.decode()
    assert page.count('value="add"') == 1
    assert page.count('name="version"') == 2
    assert page.count('name="token"') == 1


@pytest.mark.parametrize("number", ["55P03", "57014", "53100"])
def test_what_waited_in_vain_or_has_no_room_is_not_asked_again(client, number):
    """DB-11: a lock not had in its time, a limit of time, a full disk."""
    address = Company.objects.get().get_absolute_url()
    with connection.execute_wrapper(failing := Failing(number, 9)):
        assert client.get(address).status_code == 503
    assert failing.met == 1


def test_a_form_without_a_token_is_left_to_the_person(client):
    """DB-11: 503, with what was typed."""
    address = Company.objects.get().get_absolute_url()
    with connection.execute_wrapper(failing := Failing("40P01", 9)):
        answer = client.post(address, FORM | {"token": ""})
    assert (answer.status_code, failing.met) == (503, 1)
    assert FORM["text"] in answer.content.decode()
    assert not CompanyNote.objects.exists()


def test_three_times_in_vain_the_next_do_not_wait(client):
    address = Company.objects.get().get_absolute_url()
    with connection.execute_wrapper(failing := Failing("", 99)):
        assert [client.get(address).status_code for _visit in range(3)] == [503] * 3
    assert failing.met == 3 + 1 + 1
    assert client.get(address).status_code == 200


def committed_but_untold(monkeypatch, times):
    """The commit stands, its answer is lost."""
    commit, lost = connection.commit, []

    def untold():
        commit()
        if len(lost) < times:
            lost.append(True)
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "commit", untold)
    return lost


def test_a_commit_whose_answer_was_lost_is_found_again(client, monkeypatch):
    """HA-09: one note, one entry of staff."""
    lost = committed_but_untold(monkeypatch, 1)
    answer = client.post(Company.objects.get().get_absolute_url(), FORM)
    assert (answer.status_code, len(lost)) == (302, 1)
    assert CompanyNote.objects.get().text == FORM["text"]


def test_a_commit_whose_answer_was_lost_in_the_admin_is_found_again(client, monkeypatch):
    """HA-09"""
    client.force_login(f.superuser(username="chief"))
    form = {"name": "Sector plans", "slug": "sector-plans", "form_token": "7b" * 16}
    lost = committed_but_untold(monkeypatch, 1)
    answer = client.post("/admin/policies/topic/add/", form)
    assert (answer.status_code, len(lost)) == (302, 1)
    assert FormToken.objects.filter(key=form["form_token"]).count() == 1


def test_who_is_told_of_a_form_sent_before_is_told_after_a_write(client):
    """HA-09: only a commit waits for a synchronous standby, and the first may have been cut off while it waited."""
    address, wrote = Company.objects.get().get_absolute_url(), []
    assert client.post(address, FORM).status_code == 302

    def notice(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        wrote.append((sql.split()[0], connection.in_atomic_block))
        return answer

    with connection.execute_wrapper(notice):
        assert client.post(address, FORM).status_code == 302
    assert wrote[-1] == ("UPDATE", False)
    assert CompanyNote.objects.count() == 1
