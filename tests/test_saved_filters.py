"""Saved filters, column choice and the mark of the last visit: one person's, and never more than they may."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.management import call_command
from lxml import html

from tanxun.listing.models import Habit, SavedFilter
from tests import factory as f
from tests.reading import select

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    user = f.user("consultant", username="owner")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def saved(owner, **kwargs):
    return SavedFilter.objects.create(owner=owner, **{"page": "statements", "name": "江苏", "query": "region=320000"} | kwargs)


def test_a_filter_is_saved_cleaned_and_opened(client, owner):
    data = {"list": "statements", "query": "region=320000&q=&sort=company&page=3&per_page=50", "name": "江苏"}
    assert client.post("/saved/add/", data).status_code == 302
    made = SavedFilter.objects.get()
    assert (made.owner, made.page, made.query) == (owner, "statements", "region=320000&sort=company")
    assert client.get(f"/saved/{made.pk}/")["Location"] == "/statements/?region=320000&sort=company"
    assert "江苏" in client.get("/saved/").content.decode()
    assert "江苏" in client.get("/saved/?list=statements", headers={"HX-Request": "true"}).content.decode()
    assert "江苏" not in client.get("/saved/?list=companies", headers={"HX-Request": "true"}).content.decode()


def test_what_the_list_refuses_is_not_saved_and_a_name_is_given_once(client, owner):
    assert client.post("/saved/add/", {"list": "statements", "query": "nonsense=1", "name": "x"}).status_code == 404
    assert client.post("/saved/add/", {"list": "nonsense", "query": "", "name": "x"}).status_code == 404
    assert client.post("/saved/add/", {"list": "statements", "query": "", "name": " "}).status_code == 400
    assert client.post("/saved/add/", {"list": "statements", "query": "", "name": "a\0b"}).status_code == 400
    saved(owner)
    assert client.post("/saved/add/", {"list": "statements", "query": "", "name": "江苏"}).status_code == 400
    assert client.post("/saved/add/", {"list": "companies", "query": "", "name": "江苏"}).status_code == 302


def test_readers_use_what_is_shared_but_save_nothing(client, owner):
    made = saved(owner, shared_with_role="reader")
    client.force_login(f.user("reader"))
    assert client.get(f"/saved/{made.pk}/").status_code == 302
    assert client.post("/saved/add/", {"list": "statements", "query": "", "name": "x"}).status_code == 403
    assert "saved-name" not in client.get("/statements/").content.decode()


def test_who_may_use_a_filter_is_asked_when_it_is_used(client, owner):  # SEC-05
    made = saved(owner)
    friend, editor, manager = f.user("reader"), f.user("editor"), f.user("manager")

    def open_to(user):
        client.force_login(user)
        listed = made.name in client.get("/saved/").content.decode()
        assert listed == (client.get(f"/saved/{made.pk}/").status_code == 302)
        return listed

    assert [open_to(user) for user in (owner, friend, editor, manager)] == [True, False, False, False]
    made.people.add(friend)
    made.shared_with_role = "editor"
    made.save()
    assert [open_to(user) for user in (owner, friend, editor, manager)] == [True, True, True, True]
    made.people.clear()
    made.shared_with_role = "manager"
    made.save()
    assert [open_to(user) for user in (owner, friend, editor, manager)] == [True, False, False, True]


def test_others_may_not_change_what_is_shared_with_them(client, owner):
    """SEC-02."""
    made = saved(owner, shared_with_role="reader")
    client.force_login(f.user("manager"))
    for verb in ("edit", "delete", "restore"):
        assert client.post(f"/saved/{made.pk}/{verb}/", {"name": "x"}).status_code == 404
    made.refresh_from_db()
    assert (made.name, made.deleted_at) == ("江苏", None)


def test_rename_share_delete_and_bring_back(client, owner):
    made, friend = saved(owner), f.user("reader")
    client.post(f"/saved/{made.pk}/edit/", {"name": "苏州", "shared_with_role": "editor", "people": [friend.pk]})
    made.refresh_from_db()
    assert (made.name, made.shared_with_role, list(made.people.all())) == ("苏州", "editor", [friend])
    assert client.post(f"/saved/{made.pk}/edit/", {"name": "苏州", "shared_with_role": "nobody"}).status_code == 400
    client.post(f"/saved/{made.pk}/delete/")
    assert client.get(f"/saved/{made.pk}/").status_code == 404
    html = client.get("/saved/").content.decode()
    assert f"/saved/{made.pk}/restore/" in html
    client.post(f"/saved/{made.pk}/restore/")
    assert client.get(f"/saved/{made.pk}/").status_code == 302


def test_a_name_given_anew_stands_against_bringing_back(client, owner):
    gone = saved(owner)
    client.post(f"/saved/{gone.pk}/delete/")
    saved(owner)
    assert client.post(f"/saved/{gone.pk}/restore/", follow=True).status_code == 200
    assert client.get(f"/saved/{gone.pk}/").status_code == 404


def test_a_default_opens_the_list_and_any_parameter_wins(client, owner, django_assert_max_num_queries):
    f.statement()
    made = saved(owner)
    client.post(f"/saved/{made.pk}/default/", {"on": "1"})
    assert client.get("/statements/")["Location"] == "/statements/?region=320000"
    assert client.get("/statements/?page=1").status_code == 200
    assert client.get("/statements/?q=").status_code == 200
    assert client.get("/companies/").status_code == 200
    with django_assert_max_num_queries(4):
        html = client.get("/statements/?region=320000").content.decode()
    assert "★" in html
    assert 'href="/statements/?page=1">Clear all' in html
    assert "☆" in client.get("/statements/?type=ghg_verification").content.decode()
    cleared = client.get("/statements/?q=&region=", headers={"HX-Request": "true"})
    assert cleared.headers["HX-Push-Url"] == "/statements/?page=1"
    client.post(f"/saved/{made.pk}/default/")
    assert client.get("/statements/").status_code == 200


def test_a_default_that_is_no_longer_shared_or_understood_does_no_harm(client, owner):
    made = saved(f.user("editor"), shared_with_role="consultant")
    client.post(f"/saved/{made.pk}/default/", {"on": "1"})
    assert client.get("/statements/").status_code == 302
    made.query = "gone=1"
    made.save()
    refused = client.get("/statements/", follow=True)
    assert refused.status_code == 400
    assert "Switch off" in refused.content.decode()
    made.shared_with_role = ""
    made.save()
    assert client.get("/statements/").status_code == 200


def test_files_never_follow_a_default(client, owner):
    f.statement()
    manager = f.user("manager")
    Habit.objects.create(user=manager, page="statements", default_filter=saved(manager), columns="company")
    client.force_login(manager)
    text = b"".join(client.get("/statements.csv").streaming_content).decode("utf-8-sig")
    assert text.count("\r\n") == 2
    assert text.split("\r\n")[0].count(",") > 10


def heads(client, address):
    html = client.get(address).content.decode()
    return [" ".join(re.sub("<[^>]*>", " ", head).split()) for head in re.findall(r"<th[^>]*>(.*?)</th>", html, re.S)]


def test_columns_of_the_address_in_their_order(client, owner):
    f.statement()
    assert heads(client, "/statements/?columns=type,company") == ["Type", "Company"]
    assert heads(client, "/statements/?columns=type&columns=company") == ["Type", "Company"]
    assert len(heads(client, "/statements/?columns=all")) > 30
    for wrong in ("nonsense", "company,", "%00", "company;type"):
        assert client.get(f"/statements/?columns={wrong}").status_code == 400


def test_columns_are_kept_per_person_and_list_moved_and_reset(client, owner):
    f.statement()
    address = "/statements/columns/"
    assert client.get(f"{address}?type=ghg_verification").status_code == 200
    moved = client.post(address, {"columns": ["company", "type", "summary"], "up": "summary", "query": ""})
    assert [column.key for column in moved.context["chosen"]] == ["company", "summary", "type"]
    assert not Habit.objects.exists()
    kept = {"columns": ["company", "summary"], "keep": "1", "query": "type=ghg_verification"}
    assert client.post(address, kept)["Location"] == "/statements/?type=ghg_verification"
    assert heads(client, "/statements/") == ["Company", "Summary"]
    assert heads(client, "/statements/?columns=type") == ["Type"]
    client.force_login(f.user("reader"))
    assert len(heads(client, "/statements/")) > 5
    client.force_login(owner)
    assert client.post(address, {"columns": [], "keep": "1"}).status_code == 400
    client.post(address, {"reset": "1", "query": ""})
    assert len(heads(client, "/statements/")) > 5
    once = client.post(address, {"columns": ["type"], "once": "1", "query": "q=x"})
    assert once["Location"] == "/statements/?q=x&columns=type"
    assert client.get(f"{address}?nonsense=1").status_code == 404


def test_exports_hold_the_columns_asked_for(client, tmp_path):
    f.statement(company=f.company("甲企业"))
    manager = f.user("manager")
    client.force_login(manager)
    text = b"".join(client.get("/statements.csv?columns=type,company").streaming_content).decode("utf-8-sig")
    assert text.split("\r\n")[0] == '"类型","企业","链接"'
    file = tmp_path / "list.csv"
    call_command("export", "statements", columns="type,company", output=str(file), lang="zh-hans")
    assert file.read_text(encoding="utf-8-sig").split("\n")[0] == '"类型","企业","链接"'
    Habit.objects.create(user=manager, page="statements", columns="company,gone")
    html = client.get("/statements/").content.decode()
    assert 'href="/statements.xlsx?columns=company"' in html
    assert 'href="/statements.xlsx?columns=all"' in html


def shown(client, address):
    """Ids of the rows of a list."""
    html = client.get(address).content.decode()
    return [int(row.split('"')[0]) for row in html.split('data-id="')[1:]]


def fresh(client):
    """Ids of the rows with a dot."""
    html = client.get("/statements/").content.decode()
    return {int(row.split('"')[0]) for row in html.split('data-id="')[1:] if 'class="fresh"' in row.split("</tr>")[0]}


def test_new_since_my_last_visit(client, owner):
    noon = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
    with time_machine.travel(noon, tick=False) as clock:
        f.statement()
        assert fresh(client) == set()  # nobody's first visit finds everything new
        assert client.post("/statements/seen/").status_code == 204
        second = f.statement().pk
        clock.shift(dt.timedelta(minutes=10))
        assert fresh(client) == {second}
        client.post("/statements/seen/")
        assert fresh(client) == {second}  # it stays new as long as the visit lasts
        clock.shift(dt.timedelta(hours=3))
        third = f.statement().pk
        assert fresh(client) == {third}
        client.post("/statements/seen/")
        assert fresh(client) == {third}
        assert shown(client, "/statements/?new=1") == [third]
        assert client.get("/statements/?new=0").status_code == 400
        client.post("/statements/seen/", {"all": "1"})
        assert fresh(client) == set()
        client.force_login(f.user("reader"))
        assert fresh(client) == set()
        assert shown(client, "/statements/?new=1") == []


def seen_form(client, address="/statements/"):
    """What the form says that tells how far the visitor has seen, its button, and whether the script sends it by itself."""
    form = select(html.fromstring(client.get(address).content.decode()), "form.seen")[0]
    values = {field.get("name"): field.get("value") for field in select(form, "input")}
    return values, select(form, "button"), form.get("data-here") is not None


def test_without_a_script_the_button_starts_it_and_keeps_the_question(client, owner):
    f.statement()
    values, buttons, _is_sent = seen_form(client, "/statements/?type=ghg_verification&new=1")
    answer = client.post("/statements/seen/", values | {buttons[0].get("name"): buttons[0].get("value")})
    assert answer["Location"] == "/statements/?type=ghg_verification&new=1"
    assert not seen_form(client)[1]
    second = f.statement().pk
    assert fresh(client) == {second}


def test_the_button_looks_at_the_whole_list(client, owner):
    for _each in range(26):
        f.statement(issued_on=dt.date(2025, 1, 1))
    client.post("/statements/seen/", {"all": "1"})
    f.statement(issued_on=dt.date(2020, 1, 1))
    assert fresh(client) == set()  # it stands on the next page
    assert [button.get("name") for button in seen_form(client)[1]] == ["all"]


def test_what_comes_in_while_the_page_is_read_is_new_the_next_time(client, owner):
    with time_machine.travel(dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC), tick=False) as clock:
        f.statement()
        drawn = seen_form(client)[0]
        meanwhile = f.statement().pk
        client.post("/statements/seen/", drawn)
        assert fresh(client) == {meanwhile}
        client.post("/statements/seen/", drawn | {"all": "1"})
        assert fresh(client) == {meanwhile}
        client.post("/statements/seen/", seen_form(client)[0])
        client.post("/statements/seen/", drawn)  # the first page, still open
        clock.shift(dt.timedelta(hours=1))
        assert fresh(client) == set()
        for nonsense in ("", "x", "9" * 18, "９"):
            assert client.post("/statements/seen/", {"newest": nonsense}).status_code == 204
        latest = f.statement().pk
        clock.shift(dt.timedelta(hours=1))
        assert fresh(client) == {latest}


@pytest.mark.parametrize(
    ("query", "is_visit"),
    [("", True), ("page=1&sort=-dated_on&per_page=50", True), ("new=1", True), ("type=ghg_verification", False), ("q=x", False)],
)
def test_only_who_looks_at_the_whole_list_has_seen_it(client, owner, query, is_visit):
    f.statement()
    assert seen_form(client, f"/statements/?{query}")[2] is is_visit


def test_a_filter_that_is_no_longer_understood_says_which_it_is_and_where_to_delete_it(client, owner):
    made = saved(owner, name="旧筛选", query="gone=1&region=320000")
    there = client.get(f"/saved/{made.pk}/")["Location"]
    refused = client.get(there)
    assert refused.status_code == 400
    assert "旧筛选" in refused.content.decode()
    assert f'href="/saved/#saved-{made.pk}"' in refused.content.decode()
    assert f'id="saved-{made.pk}"' in client.get("/saved/").content.decode()
    assert "旧筛选" not in client.get("/statements/?gone=2").content.decode()
    client.force_login(f.user("editor"))
    assert "旧筛选" not in client.get(there).content.decode()
    client.logout()
    assert "旧筛选" not in client.get(there).content.decode()
    client.force_login(owner)
    client.post(f"/saved/{made.pk}/delete/", follow=True)
    assert "旧筛选" not in client.get(there).content.decode()


def test_a_filter_of_a_list_that_is_no_more_can_be_deleted(client, owner):
    made = saved(owner, page="gone")
    page = client.get("/saved/").content.decode()
    assert f'action="/saved/{made.pk}/delete/"' in page
    assert f'href="/saved/{made.pk}/' not in page


def test_who_may_save_no_more_may_not_delete_or_bring_back(client, owner):
    made = saved(owner)
    owner.role = "reader"
    owner.save()
    assert f"/saved/{made.pk}/delete/" not in client.get("/saved/").content.decode()
    for verb in ("edit", "delete", "restore"):
        assert client.post(f"/saved/{made.pk}/{verb}/", {"name": "x"}).status_code == 403


def test_filters_of_those_who_left_stay_with_whom_they_were_shared_and_are_handed_over_in_the_admin(client, owner):
    made, heir = saved(owner, shared_with_role="reader"), f.user("consultant", username="heir")
    owner.is_active = False
    owner.save()
    client.force_login(heir)
    assert "(account closed)" in client.get("/saved/").content.decode()
    address = f"/admin/listing/savedfilter/{made.pk}/change/"
    for role in ("editor", "manager"):
        client.force_login(f.user(role))
        assert client.get(address).status_code == client.get("/admin/listing/savedfilter/").status_code == 403
    client.force_login(f.superuser())
    assert "江苏" in client.get("/admin/listing/savedfilter/?owner__is_active__exact=0").content.decode()
    own = saved(heir)
    assert client.post(address, {"owner": heir.pk}).status_code == 200  # a name is given once
    own.delete()
    assert client.post(address, {"owner": heir.pk}).status_code == 302
    made.refresh_from_db()
    assert (made.owner, made.query, made.shared_with_role) == (heir, "region=320000", "reader")


def test_reading_writes_nothing(client, owner):
    f.statement()
    for address in ("/statements/", "/statements/overview/", "/saved/", "/statements/columns/"):
        assert client.get(address).status_code == 200
    assert not Habit.objects.exists()
    assert client.get("/statements/seen/").status_code == 405


def test_strangers_are_sent_to_sign_in(client):
    for address in ("/saved/", "/saved/1/", "/statements/columns/"):
        assert client.get(address)["Location"].startswith("/accounts/login/")
    assert client.post("/statements/seen/").status_code == 302


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "=1+1", "a" * 61, "﷽" * 60])
def test_hostile_names_are_shown_harmless_or_refused(client, owner, name):
    client.post("/saved/add/", {"list": "statements", "query": "", "name": name, "default": "1"})
    for address in ("/saved/", "/statements/?page=1"):
        html = client.get(address).content.decode()
        assert "<script>alert" not in html


def test_the_page_of_saved_filters_takes_few_queries(client, owner, django_assert_max_num_queries):
    for number in range(30):
        saved(owner, name=f"筛选{number}").people.add(f.user("reader"))
    with django_assert_max_num_queries(8):  # one for what they follow, one for how they are written to
        client.get("/saved/")
