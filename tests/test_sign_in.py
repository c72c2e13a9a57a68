"""Signing in and out: the way back, wrong passwords, what each role finds in the head of the page."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests import factory
from tests.reading import read

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def english(client):
    client.cookies["django_language"] = "en"
    return client


def sign_in(client, **kwargs):
    return client.post(LOGIN, {"username": "wang", "password": "pass-word-1"} | kwargs)


def test_reading_leads_to_sign_in_and_back(english):
    record = factory.statement()
    factory.user(username="wang")
    answer = english.get(record.get_absolute_url())
    assert answer.url == f"{LOGIN}?next={record.get_absolute_url()}"
    assert f'name="next" value="{record.get_absolute_url()}"' in english.get(answer.url).content.decode()
    assert sign_in(english, next=record.get_absolute_url()).url == record.get_absolute_url()
    assert english.get(record.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_never_leaves_the_site(english, elsewhere):  # SEC-40
    factory.user(username="wang")
    assert sign_in(english, next=elsewhere).url == "/"


@pytest.mark.parametrize("again", ["", "?next=/accounts/login/", "?next=/accounts/login/%3Fnext=/accounts/login/"])
def test_the_way_back_is_never_the_sign_in_page_itself(english, again):
    factory.user(username="wang")
    place = f"{LOGIN}{again}"
    assert sign_in(english, next=place).url == "/"
    answer = english.get(LOGIN, {"next": place}, follow=True)
    assert [step for step, _status in answer.redirect_chain] == ["/"]
    assert answer.status_code == 200


def test_a_wrong_password_says_so_and_keeps_the_name(english):
    factory.user(username="wang")
    answer = sign_in(english, password="wrong")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="error"' in page
    assert 'value="wang"' in page
    assert "wrong" not in re.findall(r'value="([^"]*)"', page)


def test_signing_out_is_a_post_and_ends_the_session(english):
    """SEC-14, SEC-30."""
    english.force_login(factory.user())
    assert english.get("/accounts/logout/").status_code == 405
    assert english.post("/accounts/logout/").url == LOGIN
    assert english.get("/").url == f"{LOGIN}?next=/"


def test_after_too_many_attempts_the_name_is_closed_and_not_repeated(english, settings):  # SEC-33
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 3
    factory.user(username="wang")
    for _attempt in range(3):
        answer = sign_in(english, password="wrong")
    assert answer.status_code == 429
    page = sign_in(english)
    assert page.status_code == 429
    assert "Too many attempts" in page.content.decode()
    assert "wang" not in page.content.decode()


def test_ten_wrong_passwords_close_the_name_at_that_address_and_the_admin_is_no_second_door(english, settings):  # SEC-33
    settings.AXES_ENABLED = True
    factory.user("editor", username="wang")
    answers = [sign_in(english, password="wrong").status_code for _attempt in range(10)]
    assert answers == [200] * 9 + [429]
    assert sign_in(english).status_code == 429
    answer = english.post("/admin/login/?next=/admin/", {"username": "wang", "password": "pass-word-1"})
    assert answer.url == f"{LOGIN}?next=/admin/"
    assert english.get("/admin/").status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.0.0.9")
    assert sign_in(elsewhere).url == "/"


@pytest.mark.parametrize(("role", "found"), [("reader", False), ("consultant", False), ("editor", True), ("manager", True)])
def test_the_head_shows_what_a_role_may_open(client, role, found):
    user = factory.user(role)
    assert user.has_perm("site.review_drafts") is found
    page = read(client, "/", user)
    assert ('href="/review/"' in page.partition("</header>")[0]) is found
    assert ('href="/admin/"' in page.partition("</header>")[0]) is found


def test_the_head_costs_no_query(rf, django_assert_num_queries):
    request = rf.get("/")
    request.user = factory.user("editor")
    with django_assert_num_queries(0):
        assert 'href="/review/"' in render_to_string("site/_header.html", request=request)


def test_the_head_marks_where_one_is(client):
    page = read(client, factory.policy().get_absolute_url())
    assert page.count('aria-current="page"') == 1
    assert 'href="/policies/" aria-current="page"' in page


def test_the_language_is_chosen_by_a_post_and_stays(client):
    factory.user(username="wang")
    assert 'lang="zh-hans"' in client.get(LOGIN).content.decode()
    assert client.post("/i18n/setlang/", {"language": "en", "next": LOGIN}).url == LOGIN
    page = client.get(LOGIN).content.decode()
    assert '<html lang="en">' in page
    assert "Sign in to Tanxun" in page
