"""The editor's page of the weekly: order, words, leaving out, two editors, freezing; by plain forms, for those who may."""

import datetime as dt
import re

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from policies.models import KeyPoint, Policy
from tanxun.digest import publisher
from tanxun.digest.editing import draft_of, issue_of
from tanxun.digest.formats import FORMATS
from tanxun.digest.issue import Week
from tanxun.digest.models import Digest, Draft, NewsItem, Newsletter
from tests import factory as f

pytestmark = pytest.mark.django_db

WEEK = Week.parse("2026-W03")
DAY = dt.date(2026, 1, 16)
PAGE = "/digests/compose/2026-W03/"


@pytest.fixture
def editor(client):
    client.force_login(f.user("editor"))
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def manager(client):
    client.force_login(f.user("manager"))
    return client


@pytest.fixture
def keys():
    """Three national policies of the week."""
    made = [f.policy(f"样例部:发布{name}方案", week_on=DAY) for name in "甲乙丙"]
    for policy in made:
        KeyPoint.objects.create(policy=policy, text="推动零碳园区建设。")
    return [f"policy-{policy.pk}" for policy in made]


def form(keys, version=0, **changes):
    """What a browser sends of the page as it was opened, with some of it changed."""
    issue = issue_of(draft_of(WEEK))
    fields = {"version": version, "title": "", "lead": "", "key": list(keys), "action": "save"}
    fields |= {f"headline-{entry.key}": entry.headline for entry in issue.entries}
    return fields | changes


def order(digest=None):
    return [entry.key for entry in issue_of(digest or draft_of(WEEK)).entries]


def test_the_page_lists_the_week_and_writes_nothing(editor, keys):
    page = editor.get(PAGE).content.decode()
    assert re.findall(r'name="key" value="([^"]+)"', page) == keys
    assert not Digest.objects.exists()
    assert editor.get("/digests/compose/2026-W60/").status_code == 404
    assert editor.get("/digests/compose/9999-W99/").status_code == 404


def test_order_words_notes_and_leaving_out_are_saved_and_can_be_taken_back(editor, keys):
    sent = form(reversed(keys), **{f"headline-{keys[0]}": "另一标题", f"note-{keys[0]}": "值得一读", "left_out": keys[1]})
    assert editor.post(PAGE, sent).status_code == 302
    issue = issue_of(draft_of(WEEK))
    assert [entry.key for entry in issue.entries] == [keys[2], keys[0]]
    assert (issue.entries[1].headline, issue.entries[1].note) == ("另一标题", "值得一读")
    back = form(keys, 1, **{f"headline-{keys[0]}": "样例部:发布甲方案", f"headline-{keys[1]}": "样例部:发布乙方案"})
    editor.post(PAGE, back)
    digest = draft_of(WEEK)
    assert order() == keys
    assert digest.choices == {}


def test_the_buttons_move_without_script_and_keep_the_focus(editor, keys):
    answer = editor.post(PAGE, form(keys, action=f"down:{keys[0]}", lead="碳讯丨改过"))
    assert order() == [keys[1], keys[0], keys[2]]
    assert draft_of(WEEK).lead == "碳讯丨改过"  # what was typed goes along
    page = editor.get(answer.url).content.decode()
    (focused,) = re.findall(r'value="([^"]+)"[^>]* autofocus', page)
    assert focused == f"down:{keys[0]}"
    editor.post(PAGE, form([keys[1], keys[0], keys[2]], 1, action=f"up:{keys[1]}", lead="碳讯丨改过"))
    assert order() == [keys[1], keys[0], keys[2]]  # the first stays


def test_a_second_editor_overwrites_nothing_unseen_and_loses_nothing(editor, keys):
    editor.post(PAGE, form(keys, title="乙的标题", **{f"headline-{keys[0]}": "乙的甲", f"note-{keys[1]}": "乙的注"}))
    mine = form(keys, 0, title="甲的标题", **{f"headline-{keys[0]}": "样例部:发布甲方案", f"headline-{keys[2]}": "甲的丙"})
    answer = editor.post(PAGE, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert draft_of(WEEK).title == "乙的标题"  # nothing written
    assert 'value="甲的标题"' in page  # mine, since both changed it
    assert "Saved meanwhile: 乙的标题" in re.sub(r"\s+", " ", page)
    assert 'value="乙的甲"' in page  # theirs, since only they changed it
    assert 'value="乙的注"' in page
    assert 'value="甲的丙"' in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert version == "1"
    editor.post(PAGE, form(keys, version, title="甲的标题"))
    assert draft_of(WEEK).title == "甲的标题"


def test_a_headline_that_was_only_shown_never_comes_back_over_the_correction_of_its_record(editor, keys):
    opened = {}
    for name, value in lxml.html.fromstring(editor.get(PAGE).content.decode()).get_element_by_id("compose").form_values():
        opened.setdefault(name, []).append(value)
    policy = Policy.objects.get(headline="样例部:发布甲方案")
    policy.headline += "（更正）"
    policy.save()
    editor.post(PAGE, opened | {f"note-{keys[1]}": "值得一读", "action": "save"})
    digest = draft_of(WEEK)
    assert digest.chosen.headlines == {}
    assert digest.chosen.notes == {keys[1]: "值得一读"}
    assert issue_of(digest).entries[0].headline == "样例部:发布甲方案（更正）"


def test_too_long_a_headline_is_refused_beside_its_field_and_kept(editor, keys):
    answer = editor.post(PAGE, form(keys, **{f"headline-{keys[0]}": "长" * 301}))
    assert answer.status_code == 422
    assert "长" * 301 in answer.content.decode()
    assert "At most 300 characters." in answer.content.decode()
    assert not Digest.objects.exists()


def test_what_nobody_reviewed_is_named_and_never_gets_in(editor, keys):
    letter = Newsletter.objects.create(text="未审样例", text_hash="0" * 64, reference_date=DAY)
    values = {"kind": "other", "section": "other", "start": 0, "end": 4, "text_hash": "1" * 64}
    for number in range(3):
        Draft.objects.create(newsletter=letter, order=number, headline="未审样例", **values)
    page = editor.get(PAGE).content.decode()
    assert "3 drafts of this week are not reviewed yet" in page
    assert letter.get_absolute_url() in page
    assert "未审样例" not in page
    assert order() == keys


def test_a_week_with_a_large_sheet_is_warned_of_paged_and_cleared_with_one_tick(editor, keys):
    company = f.company()
    kind, body = f.statement_type(), f.body()
    for number in range(130):
        f.statement(company=company, statement_type=kind, verification_body=body, certificate_number=f"n{number}", week_on=DAY)
    page = editor.get(PAGE).content.decode()
    assert "This issue has 133 entries" in page
    assert "Leave out all 130 statements that came by sheet or by hand" in page
    assert page.count('name="key"') == 100
    assert editor.get(f"{PAGE}?page=2").content.decode().count('name="key"') == 33
    shown = re.findall(r'name="key" value="([^"]+)"', page)
    editor.post(PAGE, {"version": 0, "key": shown, "leave_out_sheets": "1", "action": "save"})
    assert order() == keys
    assert editor.get(PAGE).content.decode().count('name="key"') == 3


def test_saving_a_page_leaves_the_entries_of_the_others_as_they_are(editor, keys):
    for number in range(110):
        f.statement(company=f.company(), week_on=DAY, certificate_number=f"n{number}")
    before = order()
    shown = re.findall(r'name="key" value="([^"]+)"', editor.get(f"{PAGE}?page=2").content.decode())
    last_two = [shown[-1], shown[-2]]
    editor.post(f"{PAGE}?page=2", {"version": 0, "key": [*shown[:-2], *last_two], "left_out": shown[0], "action": "save"})
    assert order() == [key for key in [*before[:-2], *last_two] if key != shown[0]]


@pytest.mark.parametrize(("role", "composes", "freezes"), [("consultant", 403, 403), ("editor", 200, 403), ("manager", 200, 200)])
def test_editors_compose_and_managers_freeze(client, keys, role, composes, freezes):
    client.force_login(f.user(role))
    for address in (PAGE, "/digests/compose/", f"{PAGE}preview/", f"{PAGE}wechat/", f"{PAGE}file/docx/"):
        assert client.get(address).status_code == composes, address
    assert client.get(f"{PAGE}freeze/").status_code == freezes
    client.post(f"{PAGE}freeze/", {"seen": "x"})
    assert client.post(PAGE, form(keys)).status_code == (302 if composes == 200 else 403)
    assert not Digest.objects.published().exists()


def test_nobody_composes_without_signing_in(client, settings):
    settings.PUBLIC_READ = True
    for address in (PAGE, "/digests/compose/", f"{PAGE}wechat/"):
        assert client.get(address).url == f"/accounts/login/?next={address}"


def test_freezing_asks_first_and_freezes_what_was_shown(client, keys):
    client.force_login(f.user("manager"))
    client.cookies["django_language"] = "en"
    page = client.get(f"{PAGE}freeze/").content.decode()
    assert "This cannot be undone." in page
    seen = re.search(r'name="seen" value="(\w+)"', page)[1]
    late = f.policy("样例部:迟到的方案", week_on=DAY)
    again = client.post(f"{PAGE}freeze/", {"seen": seen})
    assert again.status_code == 409
    late.remove("twice")
    answer = client.post(f"{PAGE}freeze/", {"seen": seen})
    digest = Digest.objects.published().get()
    assert answer.url == digest.get_absolute_url()
    assert (digest.frozen_by.role, digest.published_on) == ("manager", timezone.localdate())
    assert client.get(PAGE).url == digest.get_absolute_url()
    refused = client.post(PAGE, form(keys, title="zu spät"))
    assert refused.status_code == 409
    assert "zu spät" in refused.content.decode()


def test_the_weeks_say_what_there_is_and_how_far_it_is(editor, keys):
    f.digest("2026-W02")
    page = editor.get("/digests/compose/").content.decode()
    rows = re.findall(r"<tr>.*?</tr>", page, re.S)
    (week,) = [row for row in rows if "2026-W03" in row]
    assert 'data-label="Policies">3<' in week
    assert "not begun" in week
    assert any("2026-W02" in row and "frozen" in row for row in rows)
    assert editor.get("/digests/compose/?week=2026-W03").url == PAGE
    assert editor.get("/digests/compose/?week=soon").status_code == 400
    editor.post(PAGE, form(keys, title="x"))
    assert "draft" in editor.get("/digests/compose/").content.decode()


def test_an_empty_week_says_what_to_do(editor):
    page = editor.get(PAGE).content.decode()
    assert "Nothing was accepted in this week" in page
    assert 'name="title"' not in page
    f.statement(week_on=DAY)  # from a sheet: left out, it can still be taken back
    editor.post(PAGE, {"version": 0, "leave_out_sheets": "1", "action": "save"})
    assert re.search(r'name="leave_out_sheets" value="1" checked', editor.get(PAGE).content.decode())


def test_records_that_no_form_would_let_through_are_composed_all_the_same(editor):
    f.policy("样例园区：零碳园区", week_on=DAY, level="park")  # without its region
    f.policy("\u200b", week_on=DAY)
    NewsItem.objects.create(headline="\u200b", kind="other", section="other", text="\u200b", week_on=DAY)
    assert editor.get(PAGE).status_code == 200
    assert len(order()) == 3


def test_the_wechat_preview_runs_nothing_and_stands_in_our_frame_alone(editor, keys):
    answer = editor.get(f"{PAGE}wechat/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    frame = editor.get(f"{PAGE}preview/?as=wechat")
    assert "frame-src 'self'" in frame.headers["Content-Security-Policy"]
    assert re.search(r'<iframe[^>]* sandbox src="/digests/compose/2026-W03/wechat/"', frame.content.decode())
    assert "frame-src" not in editor.get(PAGE).headers["Content-Security-Policy"]


def test_every_page_of_the_editor_asks_as_often_for_many_entries_as_for_few(manager, keys):
    pages = ("", "preview/", "freeze/", "wechat/", *(f"file/{name}/" for name in FORMATS if name != "pdf"))
    addresses = [reverse("digest:weeks"), *(f"{PAGE}{page}" for page in pages)]

    def asked():
        for number in range(5):
            f.statement(week_on=DAY, products=[f.product(f.company(), f"样品{number}")])
            KeyPoint.objects.create(policy=f.policy(week_on=DAY, topics=[f.topic()]), text="推动零碳园区建设。")
        counts = {}
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert manager.get(address).status_code == 200
            counts[address] = len(queries)
        return counts

    asked()  # what the first visit alone asks
    few = asked()
    assert asked() == few


@pytest.fixture
def readings(monkeypatch):
    """The texts that the reader read back, of which it knows none from before."""
    read, texts = publisher.read, []
    monkeypatch.setattr(publisher, "_latest", {})
    monkeypatch.setattr(publisher, "read", lambda text, *rest: texts.append(text) or read(text, *rest))
    return texts


def test_a_sentence_is_read_back_once_for_what_it_is_made_of(editor, keys, readings):
    editor.get(PAGE)
    assert len(readings) >= len(keys)
    readings.clear()
    first = editor.get(f"{PAGE}preview/").content.decode()
    assert readings == []
    KeyPoint.objects.filter(policy__headline="样例部:发布乙方案").update(text="推动近零碳工厂建设。")
    second = editor.get(f"{PAGE}preview/").content.decode()
    assert readings
    assert all("近零碳工厂" in text for text in readings)  # the others were not touched
    assert "近零碳工厂" in second
    assert "近零碳工厂" not in first


def test_words_that_the_reader_learns_make_it_read_again(editor, keys, readings):
    editor.get(PAGE)
    readings.clear()
    f.topic("sample-topic", "样例主题", cue_words="零碳园区")
    editor.get(PAGE)
    assert len(readings) >= len(keys)


def test_of_many_entries_those_that_the_page_shows_are_read_alone(editor, keys, readings):
    company = f.company()
    for number in range(120):
        f.statement(company=company, week_on=DAY, certificate_number=f"n{number}")
    editor.get(f"{PAGE}?page=2")
    assert 0 < len({number for text in readings for number in re.findall(r"编号为n(\d+)", text)}) <= 23
