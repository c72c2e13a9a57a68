"""Sign-in by the company's OpenID Connect server: the whole way against a real one, and every way that is not it
(CWE-287, CWE-290, CWE-345, CWE-347, CWE-352, CWE-384, CWE-601)."""

import base64
import json
import re
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from django.test import Client

from tanxun.site.models import User
from tests import factory as f
from tests.sso import needed
from tests.sso.test_second_factor import STEP, code_of, turn_on

needed()
pytestmark = pytest.mark.django_db
LOGIN, LEAVE, BACK = "/accounts/login/", "/accounts/company/", "/accounts/company/back/"


def visitor():
    client = Client()
    client.cookies["django_language"] = "en"
    return client


class Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_words):
        return None


def leave(client, place="/"):
    """The address of the server that the browser is led to."""
    answer = client.post(LEAVE, {"next": place})
    assert answer.status_code == 200, answer.url
    url = answer.headers["Refresh"].removeprefix("0; url=")
    link = re.search(r'class="button primary" href="(http[^"]+)"', answer.content.decode())[1]
    assert link.replace("&amp;", "&") == url
    return url


def agreed(url):
    """What the server sends the browser back with."""
    try:
        urllib.request.build_opener(Straight).open(url)
    except urllib.error.HTTPError as answer:
        return answer.headers["Location"]
    raise AssertionError("no redirect")


def come(client, url):
    """Back at the site: the answer to the address that the server named."""
    assert url.startswith(f"http://127.0.0.1:8000{BACK}?")
    return client.get(url.removeprefix("http://127.0.0.1:8000"))


def whole_way(client, place="/"):
    return come(client, agreed(leave(client, place)))


def is_in(client):
    return client.get("/statements/").status_code == 200


def refusal(client, answer):
    """The words on the sign-in page that somebody is turned away to."""
    assert answer.url == LOGIN
    assert not is_in(client)
    return client.get(LOGIN).content.decode()


def test_a_newcomer_gets_the_role_of_the_settings_and_no_password(company):
    client = visitor()
    page = client.get(f"{LOGIN}?next=/policies/").content.decode()
    assert "Sign in with the company" in page
    assert whole_way(client, "/policies/").url == "/policies/"
    user = User.objects.get(username="li.si")
    assert is_in(client)
    assert (user.role, user.is_staff, user.email, user.display_name) == ("reader", False, "li@example.com", "李四")
    assert not user.has_usable_password()
    assert visitor().post(LOGIN, {"username": "li.si", "password": ""}).status_code == 200


def test_without_a_role_for_newcomers_they_are_turned_away(company, settings):
    settings.SSO_NEWCOMERS = ""
    client = visitor()
    assert "no account here yet" in refusal(client, whole_way(client))
    assert not User.objects.exists()


def test_the_second_factor_is_asked_after_the_server_too(company):
    client = visitor()
    whole_way(client)
    with time_machine.travel(time.time() - 600, tick=False):
        _words, secret, _codes = turn_on(client, password="")
    again = visitor()
    assert whole_way(again, "/policies/").url == STEP
    assert not is_in(again)
    assert again.post(STEP, {"code": code_of(secret)}).url == "/policies/"
    assert is_in(again)


def test_the_session_has_another_key(company):
    """SEC-30"""
    client = visitor()
    url = agreed(leave(client))
    before = client.cookies["sessionid"].value
    come(client, url)
    assert is_in(client)
    thief = visitor()
    thief.cookies["sessionid"] = before
    assert not is_in(thief)


def test_a_way_back_is_good_once_and_in_its_own_session(company):
    """The state: neither again, nor in another browser, nor another one's, nor none, nor after ten minutes."""
    client = visitor()
    url = agreed(leave(client))
    stranger = visitor()
    leave(stranger)
    assert "did not work" in refusal(stranger, come(stranger, url))  # an attacker's way back, followed by somebody else
    come(client, url)
    assert is_in(client)
    client.logout()
    client.cookies["django_language"] = "en"
    assert "did not work" in refusal(client, come(client, url))
    for state in ("", "x" * 16):
        other = visitor()
        sent = agreed(leave(other))
        forged = re.sub(r"state=[^&]*", f"state={state}", sent)
        assert "did not work" in refusal(other, come(other, forged))
    late = visitor()
    sent = agreed(leave(late))
    with time_machine.travel(time.time() + 601):
        refusal(late, come(late, sent))


def test_a_way_back_in_a_session_that_is_signed_in_changes_nobody(company):
    user = f.user("reader", username="wang")
    client = visitor()
    client.force_login(user)
    other = visitor()
    assert come(client, agreed(leave(other))).url == "/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_code_that_was_asked_for_with_another_challenge_is_not_taken(company):
    """PKCE: a code that was caught on the way is no use in another session, even with that session's own state."""
    caught = agreed(leave(visitor()))
    code = parse_qs(urlsplit(caught).query)["code"][0]
    thief = visitor()
    own = agreed(leave(thief))
    forged = re.sub(r"code=[^&]*", urlencode({"code": code}), own)
    assert "did not work" in refusal(thief, come(thief, forged))


NOW = 1_800_000_000
LIES = {
    "nonce of another": {"nonce": "other"},
    "no nonce": {"nonce": None},
    "for another client": {"aud": "somebody"},
    "made out to another": {"aud": ["tanxun", "somebody"], "azp": "somebody"},
    "of another server": {"iss": "https://evil.example"},
    "too old": {"exp": 1_000_000_000},
    "without an end": {"exp": None},
    "from the future": {"iat": 4_000_000_000},
    "of nobody": {"sub": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_identity_token_that_lies_is_refused(company, lie):
    company.lies = LIES[lie]
    client = visitor()
    assert "did not work" in refusal(client, whole_way(client))
    assert not User.objects.exists()


def part(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("way", ["none", "stranger", "secret", "changed", "unknown key", "nothing", "rubbish"])
def test_an_identity_token_that_the_server_did_not_sign_is_refused(company, way):
    import jwt

    def changed(claims):
        head, _body, signature = company.signed(claims).split(".")
        return f"{head}.{part(claims | {'sub': 'u-9'})}.{signature}"

    public = json.dumps(company.jwks["keys"][0])
    company.sign = {
        "none": lambda claims: f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims)}.",
        "stranger": lambda claims: company.signed(claims, company.stranger),
        "secret": lambda claims: jwt.encode(claims, public, algorithm="HS256", headers={"kid": "one"}),
        "changed": changed,
        "unknown key": lambda claims: company.signed(claims, kid="two"),
        "nothing": lambda claims: None,
        "rubbish": lambda claims: "a.b.c",
    }[way]
    client = visitor()
    assert "did not work" in refusal(client, whole_way(client))
    assert not User.objects.exists()


def test_what_is_told_of_somebody_else_is_refused(company):
    """OpenID Connect Core 5.3.2."""
    company.says = {"sub": "u-2"}
    client = visitor()
    refusal(client, whole_way(client))


def test_a_server_that_is_away_leaves_the_password(company):
    company.is_down = True
    client = visitor()
    answer = client.post(LEAVE, {"next": "/"})
    assert "cannot be reached" in refusal(client, answer)
    f.user("reader", username="wang")
    client.post(LOGIN, {"username": "wang", "password": "pass-word-1"})
    assert is_in(client)


def test_a_server_that_hangs_is_waited_for_once_in_half_a_minute(company, settings):
    """Each who is led there would hold a thread of the site for as long as it waits."""
    settings.SOCIALACCOUNT_REQUESTS_TIMEOUT = 0.3
    company.hangs = over = threading.Event()
    now = time.time()
    for seconds in (0, 1, 10, 28):
        with time_machine.travel(now + seconds):
            client = visitor()
            assert "cannot be reached" in refusal(client, client.post(LEAVE, {"next": "/"}))
    assert len(company.asked) == 1
    company.hangs = None
    over.set()
    with time_machine.travel(now + 32):
        assert leave(visitor()).startswith(company.url)
        assert leave(visitor()).startswith(company.url)
    assert len(company.asked) == 2


def test_a_server_that_calls_itself_by_another_address_is_not_asked(company):
    """OpenID Connect Discovery 4.3: or what it names would be believed for another one."""
    company.called = "https://evil.example"
    client = visitor()
    assert "cannot be reached" in refusal(client, client.post(LEAVE, {"next": "/"}))


def test_a_server_that_breaks_off_on_the_way_back_is_told(company):
    client = visitor()
    url = agreed(leave(client))
    company.is_down = True
    assert "did not work" in refusal(client, come(client, url))


@pytest.mark.parametrize("answer", ["error=access_denied", "error=server_error", "", "code="])
def test_who_gives_up_there_comes_back_to_the_sign_in_page(company, answer):
    client = visitor()
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    refusal(client, client.get(f"{BACK}?{answer}&state={state}"))


@pytest.mark.parametrize(
    "place", ["//evil.example", "/\\evil.example", "https:evil.example", "\t//evil.example", "data:text/html,x"]
)
def test_the_way_back_stays_on_the_site(company, place):
    """SEC-40"""
    client = visitor()
    assert whole_way(client, place).url == "/"


def test_what_the_address_asks_for_changes_nothing_there(company):
    """Neither scopes nor parameters nor the place to come back to are taken from the request."""
    client = visitor()
    answer = client.post(
        f"{LEAVE}?scope=admin&auth_params=prompt%3Dnone&process=connect&action=x", {"next": "/"}, HTTP_HOST="testserver"
    )
    asked = parse_qs(urlsplit(answer.headers["Refresh"]).query)
    assert "admin" not in asked["scope"][0]
    assert "prompt" not in asked
    assert asked["redirect_uri"] == [f"http://127.0.0.1:8000{BACK}"]


def test_the_way_begins_with_a_post_of_ours(company):
    """SEC-28: nobody is sent there by a link or a foreign form."""
    assert visitor().get(LEAVE).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(LEAVE, {"next": "/"}).status_code == 403
    assert visitor().post(BACK).status_code == 405


def test_no_token_of_the_server_is_kept(company):
    from allauth.account.models import EmailAddress
    from allauth.socialaccount.models import SocialAccount, SocialToken

    company.person["address"] = {"street_address": "somewhere"}
    whole_way(visitor())
    assert not SocialToken.objects.exists()
    assert not EmailAddress.objects.exists()
    assert set(SocialAccount.objects.get().extra_data) <= {"sub", "email", "email_verified", "preferred_username", "name"}


def test_a_password_is_not_changed_where_there_is_none(company):
    client = visitor()
    whole_way(client)
    assert client.get("/accounts/password/").url == "/"
