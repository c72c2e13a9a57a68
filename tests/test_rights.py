"""Who may do what: everything that the site answers, asked by everybody with every verb, against one table (`rights.txt`).

SEC-01 (CWE-862, CWE-863), SEC-14, SEC-15, SEC-28 (CWE-352), API-11, EXP-07.
"""

import logging

import lxml.html
import pytest
from django.db import transaction
from django.test import Client

from tanxun.listing.api import ROOT
from tanxun.listing.page import pages
from tests import factory as f
from tests.effort import IS_NIGHTLY
from tests.holdings import Holdings, World, body, filled
from tests.rights import ROLES, addresses, table

pytestmark = pytest.mark.django_db
ACCOUNTS = {"nobody": "reader", "public": "reader", "off": "manager", "read": "manager", "export": "manager"}
TOKENS, STRANGERS = ("read", "export"), ("nobody", "public", "read", "export")
OTHER_VERBS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
MAILED = ("/alerts/stop/<token>/", "/alerts/confirm/<token>/")
SHOWN = {200, 204, 301, 302, 410}  # 410: a link of an account that was closed
LET_IN = SHOWN | {400, 409, 422, 503}  # what a form without its fields, or a part that is off here, answers to who may


@pytest.fixture
def person(request, settings, client):
    """(client, world, holdings, headers) of a role."""
    role = request.param
    settings.PUBLIC_READ, settings.API_BURST = role == "public", 10_000
    world = World()
    user = f.superuser() if role == "superuser" else f.user(ACCOUNTS.get(role, role))
    mine, headers = Holdings(user), {"Accept-Language": "en"}
    if role in TOKENS:
        headers["Authorization"] = f"Bearer {mine.tokens[role][1]}"
    elif role not in STRANGERS:
        client.force_login(user)
    if role == "off":
        user.is_active = False
        user.save()
    logging.disable()  # each refusal is logged with its traceback: tens of thousands of lines
    yield client, world, mine, headers
    logging.disable(logging.NOTSET)


def asked(client, verb, path, headers, data=None):
    """What is answered, in the words of the table. Whatever it wrote is taken back."""
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    with transaction.atomic():
        answer = client.generic(verb, path, headers=headers) if data is None else client.post(path, data, headers=headers)
        if answer.streaming:
            b"".join(answer)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(cookies)
    if answer.status_code == 302 and "/login/?next=" in answer["Location"]:
        return "login"
    if answer.status_code == 401 and 'href="/accounts/login/"' in answer.content.decode():
        return "login"  # with what was typed kept
    return "ok" if answer.status_code in (SHOWN if verb in ("GET", "HEAD") else LET_IN) else str(answer.status_code)


def expected(lines, address, verb, role):
    """The answers that the table allows."""
    if cells := lines.get((address, verb)):
        return {cells[role]}
    other = lines[address, "POST" if verb == "GET" else "GET"][role]
    if other != "ok":
        return {other, "405"}
    return {"403" if address.startswith("/admin/") else "405", "405"}


def test_every_address_has_a_line_and_every_line_an_address():
    """SEC-01: a new address fails here until the table says who may ask it."""
    found, lines = set(addresses()), {address for address, _verb in table()}
    assert sorted(found - lines) == [], "addresses without a line"
    assert sorted(lines - found) == [], "lines without an address"


def test_the_description_of_the_api_and_the_table_name_the_same(client):
    """SEC-01: every path and verb of the OpenAPI schema has its line; what has one beside them only describes."""
    client.force_login(f.user())
    paths = client.get(f"/{ROOT}schema/", headers={"Accept": "application/json"}).json()["paths"]
    described = {(path.replace("{", "<").replace("}", ">"), verb.upper()) for path, verbs in paths.items() for verb in verbs}
    lines = {key for key in table() if key[0].startswith(f"/{ROOT}")}
    about = {(f"/{ROOT}{name}", "GET") for name in ("", "schema/", "docs/", *(f"{page.slug}/codebook/" for page in pages()))}
    assert described | about == lines


# On the second engine the two who are given most and least each day, all of them by night.
DAILY = ROLES if IS_NIGHTLY else ("public", "superuser")
EVERYBODY = [role if role in DAILY else pytest.param(role, marks=pytest.mark.any_engine) for role in ROLES]


@pytest.mark.parametrize("person", EVERYBODY, indirect=True)
def test_everybody_is_answered_as_the_table_says(person, request):
    """SEC-01, SEC-14, SEC-15, API-11, EXP-07: each address, each verb, a real object behind each of them."""
    client, world, mine, headers = person
    role, lines, wrong = request.node.callspec.params["person"], table(), []
    for address, name in addresses().items():
        path = filled(address, name, world, mine)
        answers = {
            "GET": asked(client, "GET", path, headers),
            "POST": asked(client, "POST", path, headers, body(name, world)),
        }
        wanted = {verb: expected(lines, address, verb, role) for verb in ("GET", "POST")}
        if role not in DAILY and not address.startswith("/api/"):
            wrong += [(verb, address, answers[verb], wanted[verb]) for verb in answers if answers[verb] not in wanted[verb]]
            continue  # HEAD is GET, and of other verbs pages are refused before anybody asks who it is
        answers["HEAD"], wanted["HEAD"] = asked(client, "HEAD", path, headers), {answers["GET"]}
        for verb in OTHER_VERBS:
            is_told = verb == "OPTIONS" and address.startswith("/api/") and not address.endswith("/docs/")
            answers[verb], wanted[verb] = asked(client, verb, path, headers), {"ok" if is_told else "405"}
        wrong += [(verb, address, answers[verb], wanted[verb]) for verb in answers if answers[verb] not in wanted[verb]]
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("person", ["superuser"], indirect=True)
def test_no_form_is_taken_without_its_token(person):
    """SEC-28: whoever may POST there, another site may not have them do it. The token is in no address."""
    _client, world, mine, headers = person
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mine.user)
    taken = [address for (address, verb), cells in table().items() if verb == "POST" and cells["superuser"] == "ok"]
    assert len(taken) > 50
    names = addresses()
    for address in taken:
        answer = asked(strict, "POST", filled(address, names[address], world, mine), headers, body(names[address], world))
        assert answer == ("ok" if address in MAILED else "403"), address


@pytest.mark.parametrize("person", ["superuser"], indirect=True)
def test_no_token_of_a_form_stands_in_an_address(person):
    """SEC-28: no form that makes an address of its fields holds one, and no link carries one."""
    client, world, mine, headers = person
    lines, looked_at = table(), 0
    for address, name in addresses().items():
        if lines.get((address, "GET"), {}).get("superuser") != "ok":
            continue
        answer = client.get(filled(address, name, world, mine), headers=headers)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html") or not answer.content.strip():
            continue
        page = lxml.html.fromstring(answer.content.decode())
        looked_at += 1
        assert not page.xpath("//@href[contains(., 'csrf')] | //@action[contains(., 'csrf')] | //@src[contains(., 'csrf')]"), (
            address
        )
        for form in page.xpath("//form[.//input[@name='csrfmiddlewaretoken']]"):
            assert form.get("method", "get").lower() == "post", address
            assert not form.xpath(".//@formmethod[. != 'post']"), address
    assert looked_at > 100
