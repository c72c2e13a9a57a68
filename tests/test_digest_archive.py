"""The archive of the weekly: frozen issues alone, for who may read; each with its files, neighbours and corrections."""

import datetime as dt

import pytest
import time_machine

from policies.models import KeyPoint
from tanxun.digest.editing import Wishes, freeze, save
from tanxun.digest.issue import Week
from tests import factory as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = "en"
    return client


def test_the_list_shows_frozen_issues_alone_the_latest_first(reader):
    first, second = f.digest("2025-W52", ["旧的一条"]), f.digest("2026-W03", ["甲", "乙"])
    save(Week.parse("2026-W04"), 0, Wishes("草稿标题"))
    page = reader.get("/digests/").content.decode()
    assert page.index(second.title) < page.index(first.title)
    assert "草稿标题" not in page
    only = reader.get("/digests/?year=2025").content.decode()
    assert first.title in only
    assert second.title not in only
    assert reader.get("/digests/?year=soon").status_code == 400
    assert reader.get("/digests/?week=2026-W03").status_code == 400


def test_the_list_goes_out_as_a_file_for_managers(client):
    f.digest("2026-W03", ["甲", "乙"])
    client.force_login(f.user("manager"))
    sheet = b"".join(client.get("/digests.csv").streaming_content).decode("utf-8-sig")
    assert "2026-W03" in sheet
    assert "碳讯丨甲" in sheet


def test_an_issue_has_its_entries_its_neighbours_and_its_files(reader):
    former, digest, later = f.digest("2026-W01"), f.digest("2026-W03", ["甲条", "乙条"]), f.digest("2026-W09")
    page = reader.get(digest.get_absolute_url()).content.decode()
    assert page.index("甲条") < page.index("乙条")
    assert f'rel="prev" href="{former.get_absolute_url()}"' in page
    assert f'rel="next" href="{later.get_absolute_url()}"' in page
    for name in ("html", "markdown", "docx", "text"):
        answer = reader.get(f"{digest.get_absolute_url()}{name}/")
        assert answer.status_code == 200, name
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert "2026-W03" in answer.headers["Content-Disposition"]
    assert reader.get(f"{digest.get_absolute_url()}rtf/").status_code == 404
    assert reader.get(f"{digest.get_absolute_url()}wechat/").status_code == 403
    assert "wechat/" not in page


def test_a_draft_has_no_public_page(client):
    draft = save(Week.parse("2026-W04"), 0, Wishes("草稿标题"))
    for role in ("reader", "manager"):
        client.force_login(f.user(role))
        assert client.get(draft.get_absolute_url()).status_code == 404
        assert client.get(f"{draft.get_absolute_url()}text/").status_code == 404


def test_editors_may_have_the_wechat_version(client):
    digest = f.digest()
    client.force_login(f.user("editor"))
    assert client.get(f"{digest.get_absolute_url()}wechat/").status_code == 200
    assert "/wechat/" in client.get(digest.get_absolute_url()).content.decode()


def test_issues_are_public_where_reading_is(client, settings):
    digest = f.digest()
    addresses = ["/digests/", digest.get_absolute_url(), f"{digest.get_absolute_url()}docx/"]
    assert all(client.get(address).status_code == 302 for address in addresses)
    settings.PUBLIC_READ = True
    assert all(client.get(address).status_code == 200 for address in addresses)
    assert client.get(f"{digest.get_absolute_url()}wechat/").status_code == 403
    assert client.get(f"{digest.get_absolute_url()}pdf/").status_code == 403
    assert "/digests/compose/" not in client.get("/").content.decode()


def test_a_correction_stands_on_the_page_and_in_every_file_made_since(reader):
    with time_machine.travel(dt.datetime(2026, 1, 16, 9, tzinfo=dt.UTC), tick=False):
        policy = f.policy("样例部:发布甲方案", week_on=dt.date(2026, 1, 16))
        point = KeyPoint.objects.create(policy=policy, text="推动零碳园区建设。")
        digest = freeze(Week.parse("2026-W03"), f.user("manager"))
    address = digest.get_absolute_url()
    assert "更正说明" not in reader.get(address).content.decode()
    with time_machine.travel(dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC), tick=False):
        point.text = "推动近零碳园区建设。"
        point.save()
    wanted = "2026-02-03 更正：第1条“样例部:发布甲方案”"
    for part in ("", "html/", "markdown/", "text/"):
        text = reader.get(f"{address}{part}").content.decode()
        assert wanted in text, part
        assert text.index(wanted) < text.rindex("推动零碳园区建设。"), part


@pytest.mark.parametrize("issues", [0, 1])
def test_editors_get_from_the_archive_to_composing(client, issues):
    for _number in range(issues):
        f.digest()
    for role, leads in (("reader", False), ("editor", True)):
        client.force_login(f.user(role))
        main = client.get("/digests/").content.decode().partition("<main")[2]
        assert ('href="/digests/compose/"' in main) is leads


def test_search_finds_a_frozen_issue_and_no_draft(reader):
    digest = f.digest("2026-W03", ["样例储能指数发布"])
    save(Week.parse("2026-W04"), 0, Wishes("储能草稿"))
    page = reader.get("/search/?q=储能").content.decode()
    assert digest.get_absolute_url() in page
    assert "草稿" not in page


@pytest.mark.parametrize(("role", "composes"), [("reader", False), ("editor", True)])
def test_the_weekly_is_one_step_away_for_everybody_and_composing_for_editors(client, role, composes):
    f.digest()
    client.force_login(f.user(role))
    page = client.get("/").content.decode()
    assert 'href="/digests/"' in page
    assert ('href="/digests/compose/"' in page) is composes
