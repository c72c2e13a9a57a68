"""No cache between the site and a person keeps what it showed them, and none can be filled with an answer that somebody else's
request has bent: what a header changes, `Vary` names (SEC-45; CWE-524, CWE-349).

Every address of the site is asked: pages, counts, files, feeds, calendars, secret addresses, API, admin, downloads.
"""

import re

import pytest
import time_machine
from django.utils import timezone

from tests import factory as f
from tests.effort import IS_NIGHTLY
from tests.holdings import Holdings, World, filled
from tests.rights import addresses, table

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
CHANGES = re.compile(  # of every request: tokens of forms, what the form before had to say
    r'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": *"[^"]*"|[0-9a-f]{32}'
    r'|(?s:<div role="status">\s*<ul class="messages">.*?</ul>\s*</div>)'
)
EVIL = "evil.example"
# Only what the public may read is ever kept between: by day that; by night also what somebody signed in is shown.
ROLES = ["public", "superuser"] if IS_NIGHTLY else ["public"]
# What proxies, and who likes to be taken for one, say of a request: no cache tells two requests apart by these.
BENDING = {
    "X-Forwarded-Host": EVIL,
    "X-Forwarded-Server": EVIL,
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Prefix": f"/{EVIL}",
    "X-Forwarded-Path": f"/{EVIL}",
    "X-Forwarded-Scheme": "nothttps",
    "X-Host": EVIL,
    "X-HTTP-Host-Override": EVIL,
    "Forwarded": f"host={EVIL};for=198.51.100.1;proto=http",
    "X-Original-URL": "/admin/",
    "X-Rewrite-URL": "/admin/",
    "X-Original-Host": EVIL,
    "X-HTTP-Method-Override": "DELETE",
    "X-Method-Override": "POST",
    "X-Real-IP": "198.51.100.1",
    "Client-IP": "198.51.100.1",
    "True-Client-IP": "198.51.100.1",
    "X-Wap-Profile": f"http://{EVIL}/",
    "X-Requested-With": "XMLHttpRequest",
    "Origin": f"https://{EVIL}",
    "Referer": f"https://{EVIL}/",
    "User-Agent": f"{EVIL}\"'><b>",
}
OF_TRUSTED_PROXIES = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "http", "X-Request-ID": "a" * 16}
# These may be kept by the person's own program, which asks each time whether they still hold: by their mark, with 304.
ASKED_AGAIN = re.compile(r"\.(atom|ics)$|^/feeds/|^/api/")


@pytest.fixture
def at_rest():
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def asked(client, settings, request):
    """(client, {address: path}) of everything that somebody of that role may read."""
    role = request.param
    settings.PUBLIC_READ, settings.API_BURST = role == "public", 10_000
    world, user = World(), f.superuser()
    mine = Holdings(user)
    if role != "public":
        client.force_login(user)
    open_ones = [(one, name) for one, name in addresses().items() if table().get((one, "GET"), {}).get(role) == "ok"]
    return client, {address: filled(address, name, world, mine) for address, name in open_ones}


def answered(client, path, **headers):
    answer = client.get(path, headers=headers)
    content = b"".join(answer) if answer.streaming else answer.content
    if content[:2] == b"PK":  # a workbook, which notes when it was packed
        return answer, ""
    return answer, " ".join(CHANGES.sub("", content.decode("utf-8", "replace")).split())


@pytest.mark.parametrize("asked", ["superuser"], indirect=True)
def test_what_somebody_signed_in_is_shown_is_kept_by_nobody(asked):
    """SEC-45"""
    client, paths = asked
    kinds = {re.sub(r".*\.(?=\w+$)", "", path) if "." in path else "page" for path in paths.values()}
    assert {"page", "csv", "xlsx", "jsonl", "atom", "ics", "jsonld"} <= kinds
    paths |= {"a refusal": "/statements/?nonsense=1", "nothing": "/nothing/", "no such record": "/statements/999999/"}
    for address, path in paths.items():
        answer, _text = answered(client, path)
        kept = {word.strip().lower() for word in answer.headers.get("Cache-Control", "").split(",")}
        assert "private" in kept, (address, answer.status_code, kept)
        assert "no-store" in kept or ("no-cache" in kept and ASKED_AGAIN.search(path.partition("?")[0])), (address, kept)
        assert not {word for word in kept if word.startswith(("public", "s-maxage"))}, (address, kept)
        assert "cookie" in answer.headers.get("Vary", "").lower(), address


@pytest.mark.parametrize("asked", ["superuser"], indirect=True)
def test_what_the_public_may_read_is_still_nobodys_cache_where_somebody_is_signed_in(asked, settings):
    """SEC-45: with PUBLIC_READ feeds and calendars may be kept for everybody, but not those that a person was given."""
    client, paths = asked
    settings.PUBLIC_READ = True
    for path in (path for path in paths.values() if re.search(r"\.(atom|ics)$|^/\w+/$", path)):
        answer = client.get(path)
        assert "private" in answer.headers["Cache-Control"], path


@pytest.mark.parametrize("asked", ROLES, indirect=True)
@pytest.mark.parametrize("proxies", [[], ["127.0.0.1"]])
def test_no_header_bends_an_answer_for_others(asked, settings, proxies, at_rest):
    """SEC-45, SEC-41: whether a proxy is named or not, and though it hands them through."""
    client, paths = asked
    settings.TRUSTED_PROXIES = proxies
    bending = BENDING if proxies else BENDING | OF_TRUSTED_PROXIES
    for address, path in paths.items():
        (plain, text), (bent, bent_text) = answered(client, path), answered(client, path, **bending)
        assert bent.status_code == plain.status_code, address
        assert bent_text == text, address
        assert EVIL not in bent_text, address
        assert EVIL not in "".join(f"{name}{value}" for name, value in bent.headers.items()), address
        assert bent.headers.get("Location") == plain.headers.get("Location"), address


@pytest.mark.parametrize("asked", ROLES, indirect=True)
@pytest.mark.parametrize(
    ("name", "value"), [("HX-Request", "true"), ("Accept-Language", "en"), ("Accept", "application/json"), ("Range", "bytes=0-3")]
)
def test_what_a_header_changes_is_named(asked, name, value, at_rest):
    """SEC-45: a cache must know by which headers two answers differ."""
    client, paths = asked
    for address, path in paths.items():
        (plain, text), (other, other_text) = answered(client, path), answered(client, path, **{name: value})
        if plain.status_code == 302 and "max-age" not in plain.headers.get("Cache-Control", ""):
            continue  # no cache keeps such an answer (RFC 9111, 4.2.2)
        if (other.status_code, other_text) != (plain.status_code, text):
            assert name.lower() in plain.headers.get("Vary", "").lower(), address
            assert name.lower() in other.headers.get("Vary", "").lower(), address
