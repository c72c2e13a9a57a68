"""A second factor that goes, changes or is required: sessions that end, what an administrator may, another SECRET_KEY
(CWE-613, CWE-308, CWE-321)."""

import pytest
from django.core.management import CommandError, call_command

from tests import factory as f
from tests.sso import code_of, needed
from tests.sso.test_second_factor import LOGIN, OWN, STEP, give, is_in, turn_on, visitor

needed()
pytestmark = pytest.mark.django_db


def test_with_another_secret_key_nobody_gets_in_by_the_password_alone(user, armed, settings):
    settings.SECRET_KEY, old = "another", settings.SECRET_KEY
    client = visitor()
    assert give(client).url == STEP
    assert "cannot read" in client.post(STEP, {"code": code_of(armed[0])}).content.decode()
    assert not is_in(client)
    from tanxun.site.sso.keeping import unreadable

    assert [one.id for one in unreadable(None, ["default"])] == ["tanxun.W006"]
    settings.SECRET_KEY_FALLBACKS = [old]
    assert [one.id for one in unreadable(None, ["default"])] == ["tanxun.I001"]
    again = visitor()
    give(again)
    again.post(STEP, {"code": code_of(armed[0])})
    assert is_in(again)
    # Used once, both kinds of codes are kept with the key of today: the old one can go.
    settings.SECRET_KEY_FALLBACKS = []
    assert unreadable(None, ["default"]) == []
    last = visitor()
    give(last)
    last.post(STEP, {"code": armed[1][0]})
    assert is_in(last)


def test_an_administrator_takes_it_away_and_that_is_kept(user, armed):
    from allauth.mfa.models import Authenticator
    from django.contrib.admin.models import LogEntry

    row = Authenticator.objects.get(user=user, type="totp")
    address = f"/admin/sso/secondfactor/{row.pk}/delete/"
    for role in ("reader", "editor", "manager"):
        client = visitor()
        client.force_login(f.user(role, username=role))
        assert client.post(address, {"post": "yes"}).status_code == 403
    root = visitor()
    root.force_login(f.superuser())
    assert root.post(address, {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    assert LogEntry.objects.filter(action_flag=3, object_id=str(row.pk)).exists()
    assert give(visitor()).url == "/"


def test_the_terminal_takes_it_away(user, armed, capsys):
    call_command("take_factor", "wang")
    assert give(visitor()).url == "/"
    for name in ("wang", "nobody"):
        with pytest.raises(CommandError):
            call_command("take_factor", name)


def come_in(armed, number):
    """Somebody signed in on another device, by a recovery code."""
    client = visitor()
    give(client)
    client.post(STEP, {"code": armed[1][number]})
    assert is_in(client)
    return client


@pytest.mark.parametrize("change", ["codes", "off", "by an administrator"])
def test_a_change_of_the_factor_ends_the_other_sessions(user, armed, change):
    """SEC-30"""
    here, other = come_in(armed, 0), come_in(armed, 1)
    stranger = visitor()
    stranger.force_login(f.user("reader", username="zhao"))
    if change == "by an administrator":
        call_command("take_factor", "wang")
    else:
        here.post(OWN, {"action": change, "code": armed[1][2]})
    assert is_in(here) is (change != "by an administrator")
    assert not is_in(other)
    assert is_in(stranger)


def test_turning_it_on_ends_the_other_sessions(user):
    """SEC-30: who had learnt the password and sits in a session is out."""
    here, thief = visitor(), visitor()
    give(here)
    give(thief)
    assert is_in(thief)
    assert "not right" in turn_on(here, code="000000")[0]
    assert is_in(thief)
    assert turn_on(here)[2]
    assert is_in(here)
    assert not is_in(thief)


def test_a_superuser_does_not_take_their_own_away_in_the_admin(settings):
    """SEC-12: there no code is asked for."""
    from allauth.mfa.models import Authenticator

    settings.SECOND_FACTOR_FOR = ["superuser"]
    root, client = f.superuser(), visitor()
    client.force_login(root)
    assert turn_on(client)[2]
    row = Authenticator.objects.get(type="totp")
    assert client.post(f"/admin/sso/secondfactor/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    assert client.post("/admin/sso/secondfactor/", ticked).status_code == 403
    assert Authenticator.objects.filter(type="totp").exists()


def test_who_lost_it_has_to_turn_on_another_before_anything_else(settings):
    """SEC-12: a session that once passed the step says nothing of a factor that is gone."""
    from allauth.mfa.models import Authenticator

    settings.SECOND_FACTOR_FOR = ["manager"]
    client = visitor()
    client.force_login(f.user("manager", username="wang"))
    assert turn_on(client)[2]
    assert is_in(client)
    Authenticator.objects.all().delete()
    assert client.get("/statements/").url == OWN


def test_what_was_typed_is_kept_until_the_factor_is_there(settings):
    """ADM-14: the role, or the rule, came while the form was open."""
    user, record = f.user("editor", username="wang"), f.company()
    client, other = visitor(), visitor()
    for each in (client, other):
        each.force_login(user)
    settings.SECOND_FACTOR_FOR = ["editor"]
    typed = {"action": "add", "text": "<b>drei"}
    answer = client.post(record.get_absolute_url(), typed)
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Session")
    assert f'href="{OWN}" target="_blank"' in page
    assert 'name="text" value="&lt;b&gt;drei"' in page
    assert turn_on(client)[2]
    assert client.post(record.get_absolute_url(), typed).status_code == 302
    assert record.notes.get().text == "<b>drei"
    # In a session without the second step they are signed out, and what they typed is kept as well.
    other.force_login(user)
    answer = other.post(record.get_absolute_url(), typed)
    assert answer.status_code == 401
    assert f'href="{LOGIN}" target="_blank"' in answer.content.decode()
    assert 'value="&lt;b&gt;drei"' in answer.content.decode()


def test_a_role_that_needs_one_gets_nowhere_without(settings):
    """SEC-12: neither in a session from before the rule, nor after the role was given."""
    settings.SECOND_FACTOR_FOR = ["manager"]
    user = f.user("reader", username="wang")
    client = visitor()
    give(client)
    assert is_in(client)
    user.role = "manager"
    user.save()
    for address in ("/", "/statements/", "/admin/", "/review/", "/account/tokens/"):
        assert client.get(address).url == OWN
    assert client.get("/statements.csv").status_code in (302, 403)
    assert turn_on(client)[2]
    assert is_in(client)
    before = visitor()
    before.force_login(user)  # a session that never met the second step
    assert before.get("/statements/").url == f"{LOGIN}?next=/statements/"
    data = {"action": "off", "code": "000000"}
    assert "stays on" in client.post(OWN, data).content.decode()
