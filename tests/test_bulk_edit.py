"""Ticked statements changed together: every difference first, then all or nothing, each in its history (feature 11)."""

import re

import pytest

from certifications.models import Company, VerificationStatement
from tests import factory
from tests.reading import words

pytestmark = pytest.mark.django_db
ADDRESS = "/statements/edit/"


@pytest.fixture
def editor(client):
    person = factory.user("editor", username="wang")
    client.force_login(person)
    client.cookies["django_language"] = "en"
    return person


@pytest.fixture
def two():
    factory.region()
    factory.body("cti", name="CTI华测")
    return [factory.statement(company=factory.company(f"第{n}有限公司"), is_body_undisclosed=True) for n in range(2)]


def send(client, statements, status=200, **values):
    given = {"id": [each.pk for each in statements], "reason": "核对过登记"} | values
    response = client.post(ADDRESS, given)
    assert response.status_code == status
    return words(response.content.decode())


def version(text):
    return re.search(r'name="version" value="(\w+)"', text)[1]


WANTED = {"verification_body": "CTI华测", "register_status": "valid", "region": "昆山"}


def test_differences_are_shown_and_then_written_with_their_history(client, editor, two):
    shown = send(client, two, **WANTED)
    for text in ("4 records would change", "undisclosed", "CTI华测", "第0有限公司", "昆山市"):
        assert text in shown, text
    assert not VerificationStatement.objects.filter(register_status="valid").exists()
    send(client, two, status=302, write="1", version=version(shown), **WANTED)
    for statement in VerificationStatement.objects.all():
        assert (statement.verification_body.slug, statement.is_body_undisclosed, statement.register_status) == (
            "cti",
            False,
            "valid",
        )
        assert (statement.region_id, statement.company.region_id) == ("320583", "320583")
        assert {e.history_change_reason for e in statement.history.filter(history_type="~")} == {"核对过登记"}
    assert Company.objects.first().history.first().history_user == editor


def test_what_a_person_set_is_confirmed(client, editor, two):
    VerificationStatement.objects.update(field_status={"verification_body": "unknown", "summary": "inferred"})
    wanted = {"verification_body": "CTI华测", "confirmed_on": "on"}
    send(client, two, status=302, write="1", version=version(send(client, two, **wanted)), **wanted)
    for statement in VerificationStatement.objects.all():
        assert statement.field_status == {"verification_body": "confirmed", "summary": "inferred"}


def test_the_list_offers_it_to_staff_alone(client, editor, two):
    assert f'formaction="{ADDRESS}"' in client.get("/statements/").content.decode()
    assert f'name="id" value="{two[0].pk}"' in client.get("/statements/").content.decode()
    client.force_login(factory.user("consultant"))
    assert ADDRESS not in client.get("/statements/").content.decode()
    assert client.get(f"{ADDRESS}?id={two[0].pk}").status_code == 403
    assert client.post(ADDRESS, {"id": two[0].pk}).status_code == 403


def test_what_was_looked_at_is_what_is_written(client, editor, two):
    seen = version(send(client, two, **WANTED))
    send(client, two, status=409, write="1", version=seen, **WANTED | {"register_status": "revoked"})
    two[0].summary = "somebody else"
    two[0].save()
    send(client, two, status=409, write="1", version=seen, **WANTED)
    assert not VerificationStatement.objects.filter(register_status__in=("valid", "revoked")).exists()


def test_a_row_that_its_rules_refuse_keeps_all_from_being_written(client, editor, two):
    body = factory.body("cti")
    factory.statement(verification_body=body, certificate_number="N-1")
    two[0].certificate_number = "N-1"
    two[0].save()
    shown = send(client, two, verification_body="CTI华测")
    assert "already has a statement with this number" in shown
    assert 'name="write"' not in shown
    assert VerificationStatement.objects.filter(verification_body=body).count() == 1


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"verification_body": "没有这家"},
        {"region": "没有"},
        {"register_status": "x"},
        {"industry": "Z99"},
        {"reason": "", **WANTED},
    ],
)
def test_what_is_no_change_is_refused(client, editor, two, values):
    send(client, two, status=422, **values)


@pytest.mark.parametrize("keys", [[], ["0"], ["abc"], ["9" * 30], ["\0"], ["-1"]])
def test_without_ticked_rows_nothing_happens(client, editor, two, keys):
    assert client.get(ADDRESS, {"id": keys}).status_code == 302
    assert client.post(ADDRESS, {"id": keys, **WANTED}).status_code == 422


def test_nothing_to_change_is_said(client, editor, two):
    for statement in two:
        statement.register_status = "valid"
        statement.save()
    assert "Nothing would change" in send(client, two, register_status="valid")
