"""Whose account it is that the company's server opens: never another's (CWE-287, CWE-290, CWE-639)."""

import pytest
from django.core.management import call_command

from tanxun.alerts.models import Mailbox, Message
from tanxun.site.models import User
from tests import factory as f
from tests.sso import company as companies
from tests.sso import needed
from tests.sso.test_company_server import is_in, refusal, visitor, whole_way

needed()
pytestmark = pytest.mark.django_db


def test_who_comes_again_is_the_same_whatever_their_name_and_address_are_then(company):
    whole_way(visitor())
    company.person |= {"preferred_username": "li.xin", "email": "new@example.com"}
    client = visitor()
    whole_way(client)
    assert is_in(client)
    assert User.objects.get().username == "li.si"


def test_the_same_key_at_another_server_is_somebody_else(company, settings):
    """Servers count people: the first one of the new server must not open the account of the first one of the old."""
    settings.SSO_MATCH_EMAIL = True
    whole_way(visitor())
    owner = User.objects.get(username="li.si")
    with companies.Company() as other:
        companies.name_in(settings, other)
        other.person |= {"preferred_username": "zhao", "email": "zhao@example.com"}
        client = visitor()
        whole_way(client)
        assert client.session["_auth_user_id"] == str(User.objects.get(username="zhao").pk) != str(owner.pk)
        # By an address that the new server vouches for, where it is trusted so far, they are who they were.
        other.person |= {"sub": "77", "email": "li@example.com"}
        client = visitor()
        whole_way(client)
        assert client.session["_auth_user_id"] == str(owner.pk)
    companies.name_in(settings, company)
    client = visitor()
    whole_way(client)
    assert client.session["_auth_user_id"] == str(owner.pk)
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("verified", "setting", "joined"),
    [
        (True, True, True),
        ("true", True, True),
        (True, False, False),
        (False, True, False),
        ("false", True, False),
        (None, True, False),
    ],
)
def test_an_account_is_joined_only_where_the_server_vouches_and_the_settings_trust_it(
    company,
    settings,
    verified,
    setting,
    joined,
):
    settings.SSO_MATCH_EMAIL, settings.SSO_NEWCOMERS = setting, ""
    owner = f.user("manager", username="boss", email="LI@example.com")
    company.person["email_verified"] = verified
    client = visitor()
    whole_way(client)
    assert is_in(client) is joined
    assert User.objects.count() == 1
    if joined:
        assert client.session["_auth_user_id"] == str(owner.pk)
        owner.refresh_from_db()
        assert owner.check_password("pass-word-1")


def test_an_address_of_two_accounts_or_of_one_that_is_joined_is_nobodys(company, settings):
    settings.SSO_MATCH_EMAIL = True
    for name in ("one", "two"):
        f.user("manager", username=name, email="li@example.com")
    whole_way(visitor())
    made = User.objects.get(username="li.si")
    assert made.role == "reader"
    User.objects.filter(username__in=("one", "two")).delete()
    company.person |= {"sub": "u-2", "preferred_username": "other"}  # another person, who got that address since
    whole_way(visitor())
    assert User.objects.get(username="other").role == "reader"


def test_a_name_that_is_taken_is_not_taken_over(company):
    owner = f.superuser()
    company.person["preferred_username"] = owner.username.upper()
    client = visitor()
    whole_way(client)
    made = User.objects.exclude(pk=owner.pk).get()
    assert made.username == f"{owner.username.upper()}-2"
    assert not made.is_superuser
    assert client.session["_auth_user_id"] == str(made.pk)


@pytest.mark.parametrize("claims", [{"is_superuser": True, "role": "manager", "groups": ["admin"], "is_staff": True}])
def test_the_server_gives_no_rights(company, claims):
    company.person |= claims
    whole_way(visitor())
    user = User.objects.get()
    assert (user.role, user.is_staff, user.is_superuser) == ("reader", False, False)


def test_a_closed_account_stays_closed(company):
    whole_way(visitor())
    User.objects.update(is_active=False)
    client = visitor()
    assert "closed" in refusal(client, whole_way(client))


def test_a_closed_account_is_not_joined_by_its_address(company, settings):
    from allauth.socialaccount.models import SocialAccount

    settings.SSO_MATCH_EMAIL = True
    f.user("reader", username="gone", email="li@example.com", is_active=False)
    client = visitor()
    assert "closed" in refusal(client, whole_way(client))
    assert not SocialAccount.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "address", ["l\u0131s@example.com", "li\u017f@example.com", "lis@ex\u0430mple.com", "lis@example.com.cn"]
)
def test_an_address_that_only_looks_the_same_is_another(company, settings, address):
    """CVE-2019-19844: PostgreSQL writes ı and i, ſ and s as the same great letter."""
    settings.SSO_MATCH_EMAIL = True
    owner = f.user("manager", username="boss", email="lis@example.com")
    company.person["email"] = address
    client = visitor()
    whole_way(client)
    assert client.session["_auth_user_id"] == str(User.objects.exclude(pk=owner.pk).get().pk)


def test_who_is_joined_is_told_in_their_own_language(company, settings):
    """Not in that of the browser that came."""
    settings.SSO_MATCH_EMAIL = True
    owner = f.user("manager", username="boss", email="li@example.com")
    Mailbox.objects.create(user=owner, language="en")
    client = visitor()
    client.cookies["django_language"] = "zh-hans"
    whole_way(client)
    assert "signing in at the company's server" in Message.objects.get().payload["words"]


@pytest.mark.parametrize("newcomers", ["", "reader"])
def test_who_was_erased_comes_as_somebody_who_was_never_here(company, settings, newcomers):
    """DATA-11: nothing stays to know them by; whether the server still lets them come is the company's to say."""
    from allauth.socialaccount.models import SocialAccount

    settings.SSO_MATCH_EMAIL = True
    f.superuser()
    whole_way(visitor())
    old = User.objects.get(username="li.si")
    call_command("erase_person", "li.si", "--yes", "--lang", "en")
    assert not SocialAccount.objects.exists()
    settings.SSO_NEWCOMERS = newcomers
    client = visitor()
    answer = whole_way(client)
    if newcomers:
        assert client.session["_auth_user_id"] == str(User.objects.get(username="li.si").pk) != str(old.pk)
    else:
        assert "no account here yet" in refusal(client, answer)
        assert not SocialAccount.objects.exists()
    old.refresh_from_db()
    assert (old.is_active, old.email, old.socialaccount_set.count()) == (False, "", 0)


def test_an_address_is_vouched_for_only_by_who_names_it(company, settings):
    """The identity token's word for one address is none for the other that userinfo names."""
    settings.SSO_MATCH_EMAIL = True
    owner = f.user("manager", username="boss", email="boss@example.com")
    company.lies = {"email": company.person["email"], "email_verified": company.person.pop("email_verified")}
    company.says = {"email": owner.email}
    client = visitor()
    whole_way(client)
    assert client.session["_auth_user_id"] != str(owner.pk)


def test_a_name_of_more_signs_than_are_kept_is_told(company):
    company.person["sub"] = "s" * 192
    client = visitor()
    assert whole_way(client).status_code < 500
    assert "_auth_user_id" not in client.session
