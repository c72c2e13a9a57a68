"""Nobody gives themselves more than a superuser gave them, and what was taken away is gone at the next request; the way back
after signing in never leaves the site.

SEC-10 (CWE-269), SEC-12 (CWE-613), SEC-40 (CWE-601).
"""

import re
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tanxun.site.models import Role, User
from tests import factory as f
from tests.holdings import Holdings
from tests.sheets import csv_file
from tests.tokens import bearing

pytestmark = pytest.mark.django_db
HERE = "http://testserver"
GRASPING = {
    "username": "grasping",
    "role": "manager",
    "is_active": "on",
    "is_staff": "on",
    "is_superuser": "on",
    "groups": "1",
    "user_permissions": "1",
    "password1": "new-pass-word-1",
    "password2": "new-pass-word-1",
    "usable_password": "true",
    "_save": "",
}


def standing():
    """Everything about accounts and rights that could be grasped at."""
    users = User.objects.order_by("pk").values_list("pk", "password", "role", "is_superuser", "is_staff", "is_active")
    groups = [
        (group.name, *group.permissions.order_by("pk").values_list("pk", flat=True)) for group in Group.objects.order_by("pk")
    ]
    return list(users), groups, User.groups.through.objects.count(), User.user_permissions.through.objects.count()


@pytest.mark.parametrize("role", [Role.READER, Role.CONSULTANT, Role.EDITOR, Role.MANAGER])
def test_nobody_makes_themselves_more(client, role):
    """SEC-10: every page of accounts refuses all but superusers, whatever is sent; groups have no page at all."""
    root, user, other = f.superuser(), f.user(role, username="grasping"), f.user("reader")
    client.force_login(user)
    before = standing()
    for one in (user, root, other):
        for page in ("change", "delete", "history"):
            address = reverse(f"admin:site_user_{page}", args=[one.pk])
            assert {client.get(address).status_code, client.post(address, GRASPING | {"post": "yes"}).status_code} == {403}
        assert client.post(f"/admin/site/user/{one.pk}/password/", GRASPING).status_code == 403
    assert client.post("/admin/site/user/add/", GRASPING | {"username": "second"}).status_code == 403
    for action in ("delete_selected", "make_superuser"):
        assert (
            client.post("/admin/site/user/", {"action": action, "_selected_action": [root.pk], "post": "yes"}).status_code == 403
        )
    for address in ("/admin/auth/group/", "/admin/auth/group/add/", "/admin/auth/permission/", "/admin/auth/user/"):
        assert client.post(address, GRASPING).status_code == (404 if user.is_staff else 403)
    assert standing() == before


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MANAGER])
def test_no_other_form_reaches_an_account(client, role, tmp_path):
    """SEC-10: the own password, the mailbox, a shared filter, a sheet: what else names a person or takes many fields."""
    root, user = f.superuser(email="root@example.org"), f.user(role, username="grasping")
    mine = Holdings(user)
    client.force_login(user)
    before = standing()
    client.post("/admin/password_change/", GRASPING | {"id": root.pk, "user": root.pk, "old_password": "wrong"})
    client.post("/alerts/mailbox/", GRASPING | {"language": "en", "email": "", "user": root.pk, "id": root.pk})
    client.post(f"/saved/{mine.filter.pk}/edit/", GRASPING | {"name": "a", "owner": root.pk})
    with csv_file(tmp_path, ("a", "1", "1", str(root.pk)), heads=("企业名称", "is_superuser", "is_staff", "id")).open(
        "rb"
    ) as file:
        client.post("/imports/", GRASPING | {"file": file})
    assert client.get("/admin/autocomplete/?app_label=listing&model_name=savedfilter&field_name=owner").status_code == 403
    assert standing() == before
    root.refresh_from_db()
    mine.filter.refresh_from_db()
    assert (root.email, mine.filter.owner) == ("root@example.org", user)


def test_rights_follow_the_role_alone(client):
    """SEC-10: what is written beside it into groups, by whatever way, is mended when the account is saved."""
    user = f.user("reader")
    user.groups.set(Group.objects.all())
    user.save()
    assert list(user.groups.values_list("name", flat=True)) == ["reader"]
    assert not Permission.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [("/statements.csv", 200, 401), ("/review/", 200, 302), ("/admin/", 200, 302), ("/saved/", 200, 302), ("/", 200, 302)],
)
def test_a_disabled_account_is_out_at_the_next_request(client, address, before, after):
    """SEC-12: by its session and by its keys."""
    user = f.user("manager")
    mine = Holdings(user)
    client.force_login(user)
    assert client.get(address).status_code == before
    user.is_active = False
    user.save()
    assert client.get(address).status_code == after
    assert client.get("/api/v1/statements/", headers=bearing(mine.tokens["read"][1])).status_code == 401
    assert client.get(f"/feeds/{mine.feed_key}/statements.atom").status_code == 404


def test_an_account_that_is_opened_again_has_no_session_and_no_key_of_before(client):
    """SEC-12: who closed it need not know what was open. Another's stay as they are."""
    user, other = f.user("manager"), f.user("manager")
    mine, theirs = Holdings(user), Holdings(other)
    browsers = {one.pk: Client() for one in (user, other)}
    for one in (user, other):
        browsers[one.pk].force_login(one)
    root = f.superuser()
    client.force_login(root)
    page = reverse("admin:site_user_change", args=[user.pk])
    form = {"username": user.username, "role": "manager", "_save": ""}
    assert [client.post(page, form | active).status_code for active in ({}, {"is_active": "on"})] == [302, 302]
    assert User.objects.get(pk=user.pk).is_active

    def found(one, kept):
        return (
            browsers[one.pk].get("/statements/").status_code,
            client.get("/api/v1/statements/", headers=bearing(kept.tokens["read"][1])).status_code,
            client.get(f"/feeds/{kept.feed_key}/statements.atom").status_code,
        )

    assert found(user, mine) == (302, 401, 404)
    assert found(other, theirs) == (200, 200, 200)


def test_a_role_that_was_taken_away_is_obeyed_at_the_next_request(client):
    """SEC-12: step by step down, with one session and the same keys."""
    user = f.user("manager")
    mine = Holdings(user)
    client.force_login(user)
    export, feed = bearing(mine.tokens["export"][1]), f"/feeds/{mine.feed_key}/statements.atom"
    steps = {
        "manager": (200, 200, 200, 200, 200),
        "editor": (403, 403, 200, 200, 200),
        "consultant": (403, 403, 403, 200, 200),
        "reader": (403, 403, 403, 403, 404),
    }
    for role, wanted in steps.items():
        User.objects.filter(pk=user.pk).update(role=role)
        User.objects.get(pk=user.pk).save()
        places = [client.get(address).status_code for address in ("/hooks/", "/review/", "/account/addresses/")]
        made = (client.get("/statements.csv", headers=export).status_code, *places, client.get(feed).status_code)
        assert made == wanted, role


ELSEWHERE = ("//evil.example", "/\\evil.example", "https:evil.example", "\t//evil.example", "data:text/html,x", "/\t/evil")
WORDS = ("evil.example", "https", "http", "javascript", "data", "testserver", "%2f", "%09", "admin")
PARTS = st.lists(st.sampled_from([*"/\\:@?#.%\t\r\n ", *WORDS]), max_size=8)


NO_HOST = re.compile(r"[\x00-\x20\x7f#/:<>?@\[\\\]^|%]")


def where(answer):
    """The host that a browser is led to, which reads backslashes as slashes, leaves tabs and line ends out, and goes nowhere
    where the host, its % signs read, holds what none may hold (URL standard, forbidden host code points)."""
    place = "".join(sign for sign in answer.get("Location", "") if sign not in "\t\r\n").strip().replace("\\", "/")
    led = urlsplit(urljoin(f"{HERE}/accounts/login/", place))
    return urlsplit(HERE) if NO_HOST.search(unquote(led.hostname or "")) else led


@pytest.mark.parametrize("way", ["sign in", "signed in already", "sign out", "language", "language by referrer", "admin"])
def test_the_way_back_stays_on_the_site(client, way):
    """SEC-40: whatever stands in `next`, a browser that follows it stays here."""
    user = f.user(username="wang")

    @effort(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @example(ELSEWHERE[0])
    @example(ELSEWHERE[1])
    @example(ELSEWHERE[2])
    @example(ELSEWHERE[3])
    @example(ELSEWHERE[4])
    @example(ELSEWHERE[5])
    @example("//\t")
    @given(PARTS.map("".join) | st.text(max_size=20).filter(lambda text: text.isprintable()))
    def stays(place):
        client.logout()
        if way in ("signed in already", "sign out"):
            client.force_login(user)
        asks = {
            "sign in": lambda: client.post("/accounts/login/", {"username": "wang", "password": "pass-word-1", "next": place}),
            "signed in already": lambda: client.get("/accounts/login/", {"next": place}),
            "sign out": lambda: client.post("/accounts/logout/", {"next": place}),
            "language": lambda: client.post("/i18n/setlang/", {"language": "en", "next": place}),
            "language by referrer": lambda: client.post("/i18n/setlang/", {"language": "en"}, headers={"Referer": place}),
            "admin": lambda: client.get("/admin/login/", {"next": place}),
        }
        answer = asks[way]()
        assert answer.status_code in (200, 204, 302)
        led = where(answer)
        assert (led.scheme, led.netloc) == ("http", "testserver"), (place, answer.get("Location"))

    stays()
