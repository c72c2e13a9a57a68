"""Notes on a company: who may write and see them, who and when, changed and settled once, private everywhere else."""

import datetime as dt

import pytest
from django.utils import timezone

from certifications import merging
from certifications.models import CompanyNote
from tests import factory
from tests.reading import listed, read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return factory.statement(company=factory.company("苏州样例便签有限公司")).company


@pytest.fixture
def editor():
    return factory.user("editor", username="wang", display_name="王编辑")


def send(client, company, user, **values):
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client.post(company.get_absolute_url(), values)


def note(company, by, text="下周打电话", **kwargs):
    return CompanyNote.objects.create(company=company, written_by=by, text=text, **kwargs)


def test_a_note_says_who_when_and_when_to_follow_up(client, company, editor):
    answer = send(client, company, editor, action="add", text="要 2026 年的报价", follow_up_on="2026-03-20")
    made = CompanyNote.objects.get()
    assert answer.url == f"{company.get_absolute_url()}?notes=all#note-{made.pk}"
    page = words(read(client, company.get_absolute_url(), editor))
    for text in (
        "要 2026 年的报价",
        "follow up on 2026-03-20",
        "王编辑",
        timezone.localtime(made.written_at).strftime("%Y-%m-%d %H:%M"),
    ):
        assert text in page, text
    assert made.history.get().history_user == editor


@pytest.mark.parametrize(
    ("role", "sees_own", "sees_others"),
    [("reader", None, False), ("consultant", True, False), ("editor", True, True), ("manager", True, True)],
)
def test_who_sees_and_writes_notes(client, company, editor, role, sees_own, sees_others):
    """SEC-13."""
    others = note(company, editor, "编辑写的")
    user = factory.user(role)
    answer = send(client, company, user, action="add", text="自己写的")
    assert answer.status_code == (403 if sees_own is None else 302)
    page = read(client, company.get_absolute_url(), user)
    assert ("自己写的" in page) is bool(sees_own)
    assert ("编辑写的" in page) is sees_others
    status = 302 if sees_others else 403 if sees_own is None else 404
    assert send(client, company, user, action="done", note=others.pk).status_code == status
    others.refresh_from_db()
    assert bool(others.done_at) is sees_others


def test_a_visitor_of_a_public_site_neither_sees_nor_writes_notes(client, company, editor, settings):
    settings.PUBLIC_READ = True
    note(company, editor, "编辑写的")
    assert "编辑写的" not in client.get(company.get_absolute_url()).content.decode()
    answer = client.post(company.get_absolute_url(), {"action": "add", "text": "打过电话"})
    assert answer.status_code == 401, "who was signed out meanwhile is asked to sign in"
    assert 'name="text" value="打过电话"' in answer.content.decode(), "what was typed is not lost"
    assert CompanyNote.objects.count() == 1


def test_a_note_is_changed_and_says_by_whom(client, company, editor):
    made = note(company, factory.user("consultant"))
    values = {"action": "save", "note": made.pk, "version": 1, "text": "改好的", "follow_up_on": ""}
    assert send(client, company, editor, **values).status_code == 302
    page = words(read(client, company.get_absolute_url(), editor))
    assert "改好的" in page
    assert "changed by 王编辑" in page
    assert "follow up on" not in page


def test_what_somebody_changed_meanwhile_is_not_overwritten(client, company, editor):
    made = note(company, editor)
    values = {"action": "save", "note": made.pk, "version": 1}
    send(client, company, editor, **values, text="先到")
    answer = send(client, company, editor, **values, text="后到")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Somebody changed this note" in page
    assert "后到</textarea>" in page, "what was typed is not lost"
    assert "<p>先到</p>" in page, "what stands is shown beside it"
    made.refresh_from_db()
    assert made.text == "先到"
    [form] = answer.context["note_forms"]
    send(client, company, editor, **values | {"version": form["version"].value()}, text="后到")
    made.refresh_from_db()
    assert made.text == "后到"


def test_more_notes_than_the_page_shows_at_first_are_one_link_away(client, company, editor):
    for number in range(25):
        note(company, editor, f"第{number}条", follow_up_on=dt.date(2026, 3, 1))
    answer = send(client, company, editor, action="add", text="没有日期的")
    made = CompanyNote.objects.get(text="没有日期的")
    assert "没有日期的" not in read(client, company.get_absolute_url(), editor)
    assert 'href="?notes=all#notes"' in read(client, company.get_absolute_url(), editor)
    assert f'id="note-{made.pk}"' in read(client, answer.url, editor)
    refused = send(client, company, editor, action="save", note=made.pk, version=1, text="打过电话", follow_up_on="明天")
    assert refused.status_code == 422
    assert "打过电话</textarea>" in refused.content.decode(), "what was typed is not lost"


def test_a_note_typed_for_a_company_that_was_merged_meanwhile_goes_to_the_one_that_has_its_records(client, company, editor):
    old = note(company, editor)
    kept = factory.company("苏州样例便签科技有限公司")
    merging.merge(kept, company, editor, "同一家")
    client.force_login(editor)
    for values in (
        {"action": "add", "text": "打过电话"},
        {"action": "save", "note": old.pk, "version": old.version, "text": "改好的"},
    ):
        answer = client.post(company.get_absolute_url(), values)
        assert (answer.status_code, answer.url) == (307, kept.get_absolute_url())
        assert client.post(answer.url, values).status_code == 302
    assert set(kept.notes.values_list("text", flat=True)) == {"打过电话", "改好的"}


def test_done_and_open_again(client, company, editor):
    made = note(company, editor, follow_up_on=dt.date(2026, 1, 1))
    for _twice in range(2):
        send(client, company, editor, action="done", note=made.pk)
        made.refresh_from_db()
        assert made.done_by == editor
    first = made.done_at
    page = words(read(client, company.get_absolute_url(), editor))
    assert "done by 王编辑" in page
    assert "follow up on 2026-01-01" not in page
    send(client, company, editor, action="reopen", note=made.pk)
    made.refresh_from_db()
    assert (first, made.done_at, made.done_by) == (first, None, None)


def test_a_form_sent_twice_makes_one_note(client, company, editor):
    for _twice in range(2):
        answer = send(client, company, editor, action="add", text="一次", token="0" * 32)
        assert answer.status_code == 302
    assert CompanyNote.objects.count() == 1


def test_another_text_in_a_form_that_was_sent_is_not_lost(client, company, editor):
    """Back, written anew, sent: the browser may have brought the old token back."""
    send(client, company, editor, action="add", text="一次", token="0" * 32)
    answer = send(client, company, editor, action="add", text="两次", token="0" * 32)
    assert answer.status_code == 422
    assert "sent before" in words(answer.content.decode())
    form = answer.context["new_note"]
    assert (form["text"].value(), form["token"].value() != "0" * 32) == ("两次", True)
    assert send(client, company, editor, action="add", text="两次", token=form["token"].value()).status_code == 302
    assert set(CompanyNote.objects.values_list("text", flat=True)) == {"一次", "两次"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"text": "x", "follow_up_on": "2026-02-30"}, "follow_up_on"),
        ({"text": "x", "follow_up_on": "明天"}, "follow_up_on"),
        ({"text": "x", "token": "no"}, "token"),
    ],
)
def test_a_wrong_note_is_refused_beside_its_field(client, company, editor, values, field):
    answer = send(client, company, editor, action="add", **values)
    assert answer.status_code == 422
    assert field in answer.context["new_note"].errors
    assert 'class="new-note" open' in answer.content.decode()
    assert not CompanyNote.objects.exists()


@pytest.mark.parametrize("key", ["", "0", "abc", "9" * 30, "%00", "-1"])
def test_an_unknown_note_is_not_found(client, company, editor, key):
    for action in ("done", "save"):
        assert send(client, company, editor, action=action, note=key).status_code == 404


def test_a_note_of_another_company_is_not_found(client, company, editor):
    """SEC-09."""
    other = note(factory.company(), editor)
    assert send(client, company, editor, action="done", note=other.pk).status_code == 404


def test_open_ones_come_first_and_markup_stays_text(client, company, editor):
    for text, day, done in (
        ("乙", None, None),
        ("丁", "2026-01-01", timezone.now()),
        ("甲", "2026-02-01", None),
        ("丙<b>", None, None),
    ):
        note(company, editor, text, follow_up_on=day, done_at=done)
    page = read(client, company.get_absolute_url(), editor)
    places = [page.index(f"<p>{text}") for text in ("甲", "丙&lt;b&gt;", "乙", "丁")]
    assert places == sorted(places)


def test_notes_stand_in_no_list_and_no_file(client, company, editor):
    note(company, editor, "绝密便签")
    client.force_login(factory.user("manager"))
    for url in ("/companies/", "/companies.csv", "/statements/", "/statements.csv"):
        answer = client.get(url)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert "苏州样例便签有限公司" in body.decode()
        assert "绝密便签" not in body.decode()
    assert listed("/companies/?q=绝密便签") == 0
    assert listed("/companies/?q=样例便签") == 1
