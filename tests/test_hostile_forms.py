"""ADM-01 and ADM-02 for the site's own forms: every form of every page that a superuser is let in to, found by walking the
addresses, each field that one types (hidden ones too) with each hostile text. And every address that takes a POST, sent JSON.
"""

import logging
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction

from tests import factory as f
from tests.holdings import Holdings, World, filled
from tests.hostile import JSONS, SCRIPT, TEXTS, encoded, forms_of, send
from tests.rights import addresses, table

pytestmark = pytest.mark.django_db
ENDS = ("/accounts/logout/", "/i18n/setlang/")  # of every page; asked once below


@pytest.fixture
def world(client, settings):
    settings.API_BURST = 10_000
    found, root = World(), f.superuser()
    mine = Holdings(root)
    client.force_login(root)
    client.cookies["django_language"] = "en"
    client.raise_request_exception = False  # a broken page is an answer here: told with its address
    logging.disable()
    yield found, mine
    logging.disable(logging.NOTSET)


def pages(world, verb):
    """(address, path) of all that answers a superuser's `verb`, but for the admin, which has a test of its own."""
    lines = table()
    for address, name in addresses().items():
        if lines.get((address, verb), {}).get("superuser") == "ok" and not address.startswith("/admin/"):
            yield address, filled(address, name, *world)


def undone(client, *asked):
    """The answer; what it wrote is taken back, a sign-out too."""
    cookies = {name: cookie.value for name, cookie in client.cookies.items()}
    with transaction.atomic():
        answer = send(client, *asked)
        if answer.streaming:
            b"".join(answer)
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(cookies)
    return answer


def test_every_form_of_every_page(client, world):
    """ADM-01, ADM-02: an error beside the field, or stored and shown safe."""
    seen, wrong = set(), []
    for address, path in pages(world, "GET"):
        answer = client.get(path)
        if (
            answer.status_code != 200
            or answer.streaming
            or not answer["Content-Type"].startswith("text/html")
            or not answer.content.strip()
        ):
            continue
        for action, values, names in forms_of(answer):
            target = urljoin(path, action)
            key = (urlsplit(target).path, tuple(names), tuple(name for name, _value in values))
            if key in seen or (urlsplit(target).path in ENDS and len(seen) > 5):
                continue
            seen.add(key)
            wrong += [(address, target, *found) for found in tried(client, target, values, names)]
    assert not wrong, "\n".join(map(str, wrong))
    assert len(seen) > 40


def tried(client, target, values, names):
    """(text, field, what was answered) for each that no page may answer."""
    for what, text in (TEXTS | JSONS).items():
        rounds = [names[start : start + 6] for start in range(0, len(names), 6)]
        for some in rounds:
            given = [(name, text if name in some else value) for name, value in values]
            given += [(name, text) for name in some if name not in dict(values)]
            answer = undone(client, target, given)
            shown = "" if answer.streaming else answer.content.decode(errors="replace")
            if answer.status_code >= 500 or ("text/html" in answer["Content-Type"] and SCRIPT in shown):
                yield what, some, answer.status_code


def test_every_address_that_takes_a_post_sent_json(client, world):
    """ADM-02: a body of JSON where a form is expected, and its parts in the address."""
    wrong, count = [], 0
    for address, path in pages(world, "POST"):
        for what, text in JSONS.items():
            answer = undone(client, path, text, "application/json")
            wrong += [(address, what)] if answer.status_code >= 500 else []
            if len(text) < 1000:
                answer = undone(client, f"{path}?{encoded([('q', text), ('x', text)])}", [])
                wrong += [(address, what, "query")] if answer.status_code >= 500 else []
            count += 1
    assert not wrong, "\n".join(map(str, wrong))
    assert count > 100
