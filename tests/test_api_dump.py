"""A whole list as JSON Lines: by the address, by the command, by a job; the rows of the API, of one moment, in flat memory."""

import html
import json
import re
import tracemalloc

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import QueryDict
from django.utils.module_loading import import_string

from tanxun.jobs.models import Job
from tanxun.listing import dump
from tanxun.listing.dump import CHUNK, jsonl_blocks
from tanxun.listing.page import find
from tests import factory as f
from tests.tokens import bearing, some_of_everything, token
from tests.working import work_off

PAGES = import_string(settings.LIST_PAGES)
SLUGS = [page.slug for page in PAGES]
HOSTILE = ['"', "\\", "\n\r\t", "\x01\x1e", "\x85", "=1+1", "\u2028", "😀", "</script>", "苏州，样例"]


@pytest.fixture
def manager(client):
    client.force_login(f.user("manager"))
    return client


def lines(answer):
    return (
        [json.loads(line) for line in b"".join(answer).decode().splitlines()] if answer.status_code == 200 else answer.status_code
    )


@pytest.mark.django_db
@pytest.mark.parametrize("slug", SLUGS)
def test_a_line_is_the_object_of_the_api_with_all_columns(manager, slug):
    some_of_everything()
    headers = bearing(token(f.user("manager"), ["read", "export"]), "zh")
    answer = manager.get(f"/{slug}.jsonl", headers=headers)
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert ".jsonl" in answer.headers["Content-Disposition"]
    told = manager.get(f"/api/v1/{slug}/?columns=all", headers=headers).json()["results"]
    assert lines(answer) == told
    assert told


@pytest.mark.django_db
def test_it_asks_the_same_question_in_the_same_order(manager):
    company = f.company()
    for number in range(120):
        f.statement(company=company, statement_type=f.statement_type(("ghg_verification", "carbon_label")[number % 2]))
    dumped = [row["id"] for row in lines(manager.get("/statements.jsonl?type=carbon_label&sort=-company&columns=type"))]
    headers = bearing(token())
    told = manager.get("/api/v1/statements/?type=carbon_label&sort=-company&per_page=100", headers=headers).json()["results"]
    assert dumped == [row["id"] for row in told]
    assert len(dumped) == 60
    (row, *_others) = lines(manager.get("/statements.jsonl?columns=type"))
    assert list(row) == ["id", "url", "type", "type_key"]
    assert manager.get("/statements.jsonl?nonsense=1").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("text", HOSTILE)
def test_texts_come_as_they_are(manager, text):
    """Nothing runs what stands in JSON: no guard is put before a sign, no line breaks where the text does."""
    statement = f.statement(summary=f"样例{text}样例")
    (row,) = lines(manager.get("/statements.jsonl"))
    assert row["summary"] == statement.summary


@pytest.mark.django_db
def test_an_empty_list_has_no_lines(manager):
    assert lines(manager.get("/statements.jsonl?region=330000")) == []


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "region=320000&sort=-company", "columns=type,company"])
def test_the_list_offers_it_with_its_question(manager, query):
    """To those who may export: the file of what is shown, with the columns that somebody chose, else all."""
    some_of_everything()
    f.statement(company=f.company("杭州样例", region=f.region("330100")))
    page = manager.get(f"/statements/?{query}").content.decode()
    (address,) = re.findall(r'href="(/statements\.jsonl[^"]*)"', page)
    assert html.unescape(address) == "/statements.jsonl" + (f"?{query.replace(',', '%2C')}" if query else "")
    found = lines(manager.get(html.unescape(address)))
    told = manager.get(f"/api/v1/statements/?{query or 'columns=all'}", headers=bearing(token(), "zh")).json()["results"]
    assert [row["id"] for row in found] == [row["id"] for row in told]
    assert ("emissions" in found[0]) is ("columns" not in query)
    manager.force_login(f.user())
    assert ".jsonl" not in manager.get(f"/statements/?{query}").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_job_writes_it_too(manager):
    """As of a list too long to wait for; the file is the same."""
    some_of_everything()
    manager.post("/statements/export/", {"ending": "jsonl", "query": "sort=company"})
    job = Job.objects.get()
    work_off(job)
    written = b"".join(manager.get(f"/exports/{job.pk}/")).decode()
    assert [json.loads(line) for line in written.splitlines()] == lines(manager.get("/statements.jsonl?sort=company"))


@pytest.mark.django_db
def test_readers_may_not(client):
    for role, status in (("reader", 403), ("editor", 403), ("manager", 200)):
        client.force_login(f.user(role))
        assert client.get("/statements.jsonl").status_code == status, role
    client.logout()
    assert client.get("/statements.jsonl").status_code == 401


@pytest.mark.django_db
def test_one_dump_at_a_time_leaves_a_thread_for_everybody_else(manager):
    """Who reads slowly holds one thread of a process; the next dump is asked to come again, and pages are answered."""
    some_of_everything()
    headers = bearing(token(f.user("manager"), ["read", "export"]))
    slow = manager.get("/statements.jsonl")
    reading = iter(slow.streaming_content)
    next(reading)
    for address, headers_ in (("/policies.jsonl", {}), ("/policies.jsonl", headers), ("/policies.csv", headers)):
        answer = manager.get(address, headers=headers_)
        assert answer.status_code == 503, address
        assert int(answer.headers["Retry-After"]) > 0
    assert manager.get("/statements/").status_code == 200
    assert manager.get("/policies.csv").status_code == 200  # of a person, at once as ever
    list(reading)
    assert lines(manager.get("/policies.jsonl"))


@pytest.mark.django_db
def test_a_dump_that_nobody_reads_gives_its_turn_back(manager):
    for _number in range(3):
        answer = manager.get("/statements.jsonl")
        assert answer.status_code == 200
        del answer
    assert lines(manager.get("/statements.jsonl")) == []


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_rows(monkeypatch):
    """Twice the rows, the same memory within a chunk."""
    monkeypatch.setattr(dump, "CHUNK", 10)
    company = f.company()
    for _number in range(80):
        f.statement(company=company, summary="样例" * 3_000)

    def peak(query):
        rows = find("statements").rows(QueryDict(query))
        tracemalloc.start()
        count = sum(block.count(b"\n") for block in jsonl_blocks(rows, "en"))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return count, highest

    keys = ",".join(str(key) for key in find("statements").queryset.values_list("pk", flat=True)[:40])
    peak("")
    (few, small), (many, large) = peak(f"id={keys}"), peak("")
    assert (few, many) == (40, 80)
    assert large < small * 1.3


@pytest.mark.django_db
def test_progress_is_told_while_it_is_written(tmp_path):
    for _number in range(3):
        f.statement()
    seen = []
    rows = find("statements").rows(QueryDict(""))
    list(jsonl_blocks(rows, "en", seen.append))
    assert sum(seen) == 3
    assert CHUNK > 3


@pytest.mark.django_db
def test_the_command_writes_the_same(manager, tmp_path):
    some_of_everything()
    target = tmp_path / "statements.jsonl"
    call_command("export", "statements", output=str(target), lang="en")
    call_command("export", "statements", "--format", "jsonl", "-o", str(tmp_path / "other"), "--lang", "en")
    assert target.read_bytes() == (tmp_path / "other").read_bytes()
    (row,) = [json.loads(line) for line in target.read_text().splitlines()]
    headers = bearing(token())
    assert manager.get(f"/api/v1/statements/{row['id']}/", headers=headers).json() == row


@pytest.mark.django_db
def test_the_command_writes_to_standard_output(capsysbinary):
    some_of_everything()
    call_command("export", "policies", "--format", "jsonl", "--columns", "headline,level")
    written = capsysbinary.readouterr().out.splitlines()
    assert [list(json.loads(line)) for line in written] == [["id", "url", "headline", "level", "level_key"]]
