"""Who opens the API: a token in its header and nothing else; read-only whatever is sent (trust.md API-02 … 08, 11, 14 … 17)."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.module_loading import import_string

from tanxun.listing.keys import AccessKey, hash_of
from tests import factory as f
from tests.tokens import bearing, some_of_everything, token

pytestmark = pytest.mark.django_db
PAGES = import_string(settings.LIST_PAGES)
SLUGS = [page.slug for page in PAGES]
NOTED = "last_used_at"


def status(client, address, **headers):
    return client.get(address, headers={"Accept-Language": "en"} | headers).status_code


def test_without_a_token_nothing_is_told(client):
    """API-08: none."""
    some_of_everything()
    for address in (f"/api/v1/{slug}/{ending}" for slug in SLUGS for ending in ("", "1/", "codebook/")):
        answer = client.get(address, headers={"Accept-Language": "en"})
        assert answer.status_code == 401, address
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json() == {"detail": ["Send a token: “Authorization: Bearer …”."]}


@pytest.mark.parametrize("case", ["wrong", "expired", "revoked", "disabled", "address", "twice", "basic", "empty", "cut", "long"])
def test_a_token_that_opens_nothing(client, case):
    """API-08: wrong, expired, revoked, of a disabled user, two headers; and a key of another kind."""
    user = f.user()
    text = token(user)
    assert client.get("/api/v1/statements/", headers=bearing(text)).status_code == 200
    key = AccessKey.objects.get()
    header = f"Bearer {text}"
    if case == "wrong":
        header = f"Bearer {text[:-1]}{'A' if text[-1] != 'A' else 'B'}"
    elif case == "expired":
        AccessKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif case == "revoked":
        key.revoke()
    elif case == "disabled":
        user.is_active = False
        user.save()
    elif case == "address":
        AccessKey.objects.update(kind=AccessKey.Kind.ADDRESS)
    elif case == "twice":
        header = f"Bearer {text}, Bearer {text}"  # as a server joins two headers of one name
    else:
        header = {"basic": f"Basic {text}", "empty": "Bearer ", "cut": f"Bearer {text[:30]}", "long": f"Bearer {'x' * 100_000}"}[
            case
        ]
    answer = client.get("/api/v1/statements/", headers={"Authorization": header, "Accept-Language": "en"})
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]
    assert "opens nothing" in answer.json()["detail"][0]
    assert text not in answer.content.decode()


@pytest.mark.parametrize("name", ["token", "access_token", "key", "Authorization", "bearer"])
def test_a_token_in_the_address_is_never_accepted(client, name):
    """API-08: it would stand in logs and histories. As any unknown parameter it is refused before rights are asked (contract)."""
    text = token()
    assert status(client, f"/api/v1/statements/?{name}={text}") == 400
    assert status(client, f"/api/v1/statements/?{name}={text}", Authorization=f"Bearer {text}") == 400
    assert status(client, f"/statements.jsonl?{name}={text}") == 400


def test_a_body_or_a_cookie_is_no_header(client):
    text = token()
    client.cookies["token"] = client.cookies["Authorization"] = text
    assert status(client, "/api/v1/statements/") == 401
    assert status(client, "/api/v1/statements/", **{"X-Authorization": f"Bearer {text}", "X-Api-Key": text}) == 401


@pytest.mark.parametrize("role", ["reader", "consultant", "editor", "manager"])
@pytest.mark.parametrize("scopes", [[], ["read"], ["export"], ["read", "export"]], ids=",".join)
def test_a_token_does_what_its_scopes_say_and_its_owner_may(client, role, scopes):
    """API-11: reading is the lists' and records', exporting the files', and that managers' alone."""
    some_of_everything()
    headers = bearing(token(f.user(role), scopes))
    expected = 200 if "read" in scopes else 403
    for address in ("/api/v1/statements/", "/api/v1/policies/", "/api/v1/statements/codebook/", "/api/v1/"):
        assert client.get(address, headers=headers).status_code == expected, address
    expected = 200 if "export" in scopes and role == "manager" else 403
    for ending in ("csv", "xlsx", "jsonl"):
        answer = client.get(f"/statements.{ending}", headers=headers)
        assert answer.status_code == expected, ending
        if expected == 200:
            assert b"".join(answer)


def test_a_token_opens_no_page_for_people(client):
    """It reads lists; it is not signed in."""
    headers = bearing(token(f.superuser(), ["read", "export"]))
    for address in ("/", "/statements/", "/admin/", "/account/tokens/", "/review/", "/saved/", "/exports/"):
        assert client.get(address, headers=headers).status_code == 302, address


def test_a_role_that_is_lost_closes_the_files_at_once(client):
    user = f.user("manager")
    headers = bearing(token(user, ["read", "export"]))
    assert client.get("/statements.jsonl", headers=headers).status_code == 200
    user.role = "editor"
    user.save()
    answer = client.get("/statements.jsonl", headers=headers)
    assert answer.status_code == 403
    assert list(answer.json()) == ["detail"]
    assert client.get("/api/v1/statements/", headers=headers).status_code == 200


def test_a_wrong_token_is_refused_though_a_manager_is_signed_in(client):
    """What was sent last counts: a program with a broken token must not go on in the name of somebody's session."""
    client.force_login(f.user("manager"))
    answer = client.get("/statements.jsonl", headers=bearing("x" * 43))
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_session_does_not_open_the_api(client):
    """API-16: another site can make a browser send cookies, never this header; and no answer invites it to."""
    some_of_everything()
    client.force_login(f.superuser())
    for origin in ({}, {"Origin": "https://evil.example"}, {"Origin": settings.SITE_URL}):
        answer = client.get("/api/v1/statements/", headers=origin)
        assert answer.status_code == 401
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    asked = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = client.options("/api/v1/statements/", headers=asked)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert not answer.content


BODIES = {
    "API-02": [b"not json", b"[]", b"[" * 10_000, b'{"a":1,"a":2}', b'{"a":NaN}'],
    "API-03": [b'{"name":"a\\u0000b"}', b'{"name":"\\ud800"}', b"\0"],
    "API-04": [b'{"number":1099511627776}'],
    "API-05": [b'{"id":1,"owner":1,"created":"2020-01-01","status":"accepted","is_staff":true,"company":{"owner":1}}'],
    "API-06": [b'{"name":"x"}'],
    "API-07": [b'{"name":"x"}', b'{"name":"y"}'],
}


@pytest.mark.parametrize("case", BODIES)
@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_the_api_is_read_only(client, case, verb):
    """API-02 … 07: whatever is sent, with whatever headers and wherever to: 405, and nothing is written."""
    statement = some_of_everything()
    headers = bearing(token(scopes=["read", "export"])) | {"If-Match": '"0"', "Idempotency-Key": "1"}
    for body in BODIES[case]:
        for address in (
            "/api/v1/statements/",
            f"/api/v1/statements/{statement.pk}/",
            "/api/v1/",
            "/api/v1/schema/",
            "/api/v1/no/",
        ):
            for kind in ("application/json", "text/xml", "application/x-www-form-urlencoded"):
                with CaptureQueriesContext(connection) as asked:
                    answer = getattr(client, verb)(address, body, content_type=kind, headers=headers)
                assert answer.status_code == 405, (address, kind)
                assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
                written = [query["sql"] for query in asked if not query["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))]
                assert not [sql for sql in written if NOTED not in sql]


@pytest.mark.parametrize("verb", ["post", "put", "patch", "delete"])
def test_a_large_body_is_not_even_looked_at(client, verb):
    """API-02: 20 MB."""
    answer = getattr(client, verb)("/api/v1/statements/", b"x" * 20_000_000, content_type="text/xml", headers=bearing(token()))
    assert answer.status_code == 405


def test_a_form_of_another_site_is_refused_as_any_other_verb_is():
    """CSRF is not asked of it: there is nothing to protect, and a refusal for the wrong reason would hide the right one."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(f.superuser())
    assert client.post("/api/v1/statements/", {"_method": "GET"}).status_code == 405


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_changes_the_verb(client, name):
    """API-15."""
    statement = some_of_everything()
    headers = bearing(token()) | {name: "DELETE"}
    assert client.get(f"/api/v1/statements/{statement.pk}/", headers=headers).status_code == 200
    assert client.post(f"/api/v1/statements/{statement.pk}/?_method=GET", headers=headers | {name: "GET"}).status_code == 405
    statement.refresh_from_db()
    assert statement.deleted_at is None


def test_other_verbs_tell_nothing(client):
    """API-15: OPTIONS names the verbs, to everybody alike; TRACE gives nothing back; HEAD is GET without its body."""
    some_of_everything()
    text = token()
    for headers in ({}, bearing(text)):
        answer = client.options("/api/v1/statements/", headers=headers)
        assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")
    answer = client.generic("TRACE", "/api/v1/statements/", headers=bearing(text))
    assert answer.status_code == 405
    assert text not in answer.content.decode()
    whole, head = (getattr(client, verb)("/api/v1/statements/", headers=bearing(text)) for verb in ("get", "head"))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("ETag", "Content-Type", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]
    assert client.head("/api/v1/statements/").status_code == 401


def test_the_answer_is_json_whatever_a_browser_would_like(client):
    """API-14: no browsable API."""
    some_of_everything()
    bearer = bearing(token())
    for accept in ("text/html", "application/xhtml+xml,text/html;q=0.9", "image/png", "nonsense", "*/*", ""):
        for address in ("/api/v1/statements/", "/api/v1/statements/0/", "/api/v1/statements/?x=1", "/api/v1/", "/api/v1/no/"):
            for headers in (bearer, {}):
                answer = client.get(address, headers={"Accept": accept} | headers)
                assert answer.headers["Content-Type"] == "application/json", (address, accept)
                assert isinstance(answer.json(), dict)
        assert status(client, "/api/v1/statements/?format=html&x=1", Accept=accept) == 400


def test_numbers_of_records_that_cannot_be(client, settings):
    """API-17: 404 on both engines."""
    settings.API_BURST = 1000
    some_of_everything()
    headers = bearing(token())
    for number in ("%00", "9" * 30, str(2**63), "0", "-1", "1.0", "١", "１", "abc", "1%00", "%2e%2e", "x" * 3000):
        for slug in SLUGS:
            answer = client.get(f"/api/v1/{slug}/{number}/", headers=headers)
            assert answer.status_code == 404, (slug, number)
            assert list(answer.json()) == ["detail"]
    assert client.get(f"/api/v1/statements/{2**63 - 1}/", headers=headers).status_code == 404


def test_addresses_that_are_not_there(client):
    for address in ("/api/v1/nonsense/", "/api/v2/statements/", "/api/", "/api/v1/statements/1/2/"):
        assert client.get(address, headers=bearing(token())).status_code == 404, address
    assert client.get("/api/v1/statements?q=x").headers["Location"] == "/api/v1/statements/?q=x"


def test_parameters_are_checked_before_rights(client):
    """As of every representation (contract)."""
    for headers in ({}, bearing("x" * 43), bearing(token(scopes=[]))):
        answer = client.get("/api/v1/statements/?per_page=7", headers={"Accept-Language": "en"} | headers)
        assert (answer.status_code, answer.json()) == (400, {"per_page": ["Give one of 25, 50, 100."]})


@pytest.mark.parametrize("is_public", [True, False])
def test_public_reading_opens_what_describes_the_api_and_not_the_api(client, settings, is_public):
    settings.PUBLIC_READ = is_public
    some_of_everything()
    for address in ("/api/v1/schema/", "/api/v1/", "/api/v1/statements/codebook/"):
        assert status(client, address) == (200 if is_public else 401), address
    assert status(client, "/api/v1/docs/") == (200 if is_public else 302)
    assert status(client, "/api/v1/statements/") == status(client, "/api/v1/statements/1/") == 401
    assert status(client, "/statements.jsonl") == 401
    client.force_login(f.user())
    for address in ("/api/v1/schema/", "/api/v1/", "/api/v1/docs/", "/api/v1/statements/codebook/"):
        assert status(client, address) == 200, address


def test_a_token_is_looked_up_by_its_hash_and_never_compared(client):
    """API-09: the database gets a digest of what was sent, of which no part tells how near it came; nothing reads the others.

    So there is no comparison whose time could differ with the first byte; `python -m tests.load --only API-09` measures it.
    """
    text = token()
    for sent in (text, "A" + text[1:], text[:-1] + "A"):
        with CaptureQueriesContext(connection) as asked:
            client.get("/api/v1/statements/", headers=bearing(sent))
        lookups = [query["sql"] for query in asked if "listing_accesskey" in query["sql"] and query["sql"].startswith("SELECT")]
        assert len(lookups) == 1
        assert hash_of(sent) in lookups[0]
        assert sent not in lookups[0]
        assert re.search(r'"key_hash" = ', lookups[0])
