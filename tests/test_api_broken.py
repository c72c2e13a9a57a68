"""What a program is told where the API itself does not answer: faults, hosts and addresses that are not there; in JSON."""

import pytest
from django.db import connection
from django.test import Client

from tests import factory as f
from tests.tokens import bearing, some_of_everything, token

pytestmark = pytest.mark.django_db
SECRET = "secret-text"


@pytest.fixture
def program():
    return Client(raise_request_exception=False)


def broken_at(table):
    """Every question to that table fails."""

    def asked(execute, sql, params, many, context):
        if table in sql:
            raise RuntimeError(SECRET)
        return execute(sql, params, many, context)

    return connection.execute_wrapper(asked)


@pytest.mark.parametrize(
    ("address", "table"),
    [
        ("/api/v1/statements/", "listing_dataversion"),
        ("/api/v1/statements/", "listing_accesskey"),
        ("/api/v1/statements/{key}/", "listing_dataversion"),
        ("/api/v1/statements/codebook/", "listing_dataversion"),
        ("/api/v1/schema/", "listing_dataversion"),
        ("/api/v1/", "listing_dataversion"),
        ("/statements.csv", "certifications_verificationbody"),
        ("/statements.jsonl", "certifications_verificationbody"),
    ],
)
@pytest.mark.parametrize(("language", "word"), [("en", "our side"), ("zh", "出错")])
def test_a_fault_is_told_in_json_and_logged(program, caplog, address, table, language, word):
    headers = bearing(token(f.user("manager"), ["read", "export"]), language) | {"Accept": "text/html"}
    program.cookies["django_language"] = "en"
    place = address.format(key=some_of_everything().pk)
    with broken_at(table):
        answer = program.get(place, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/json")
    said = answer.json()
    assert list(said) == ["detail"]
    assert len(said["detail"]) == 2
    assert word in said["detail"][0]
    assert answer.headers["Content-Language"] == {"en": "en", "zh": "zh-hans"}[language]
    assert SECRET not in answer.content.decode()
    assert SECRET in caplog.text, "who runs the site finds it in the log"


def test_people_get_a_page(program):
    program.force_login(f.user("manager"))
    with broken_at("certifications_verificationbody"):
        for address in ("/statements/", "/statements.csv"):
            answer = program.get(address)
            assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (500, "text/html")
    with broken_at("django_session"):
        answer = program.get("/api/v1/docs/")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (500, "text/html")


def test_behind_a_proxy_that_asks_for_a_password_people_stay_people(program):
    """Their browsers then send an Authorization with every request, which is no token."""
    program.force_login(f.user("manager"))
    headers = {"Authorization": "Basic d2FuZzp4", "Accept-Language": "zh"}
    program.cookies["django_language"] = "en"
    answer = program.get("/nothing/", headers=headers)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "There is nothing here" in answer.content.decode()
    assert b"".join(program.get("/statements.csv", headers=headers))
    program.logout()
    assert program.get("/statements.csv", headers=headers).status_code == 401


def test_addresses_and_hosts_that_are_not_there(program):
    headers = bearing(token())
    for answer, status in (
        (program.get("/nothing/", headers=headers), 404),
        (program.post("/nothing/", headers=headers), 404),
        (program.get("/api/v1/nothing/"), 404),
        (program.get("/api/v1/statements/", headers=headers | {"Host": "evil.example"}), 400),
    ):
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
        assert all(answer.json()["detail"])


def test_files_are_refused_in_the_language_that_a_program_asks_for(program):
    """A cookie decides for people; a program without one was told in the site's language whatever it asked for."""
    some_of_everything()
    key = token(f.user("reader"), ["read", "export"])
    for language, word in (("en", "may not export"), ("zh", "导出")):
        answer = program.get("/statements.jsonl", headers=bearing(key, language))
        assert answer.status_code == 403
        assert word in answer.content.decode(), "readable on a terminal"
        assert {"Authorization", "Accept-Language"} <= {name.strip() for name in answer.headers["Vary"].split(",")}
    program.force_login(f.user("reader"))
    program.cookies["django_language"] = "en"
    assert "may not export" in program.get("/statements.jsonl", headers={"Accept-Language": "zh"}).json()["detail"][0]


def test_a_file_says_the_language_that_it_is_in(program):
    """That of the site, whatever is asked (contract)."""
    some_of_everything()
    headers = bearing(token(f.user("manager"), ["read", "export"]), "en")
    for ending in ("csv", "jsonl", "xlsx"):
        answer = program.get(f"/statements.{ending}", headers=headers)
        assert answer.headers["Content-Language"] == "zh-hans"
        assert b"".join(answer)
