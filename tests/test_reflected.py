"""Whatever an address asks for stands on the page as text, in its links as part of an address, and nowhere as markup (SEC-22;
CWE-79). test_markup_in_browser.py has Chromium look at the same.

The parameters are those that the lists declare: a new one is tried without a word here.
"""

from urllib.parse import parse_qs, urlencode, urlsplit

import lxml.html
import pytest

from certifications.board import DuePage
from tanxun.listing.page import OWN_PARAMETERS, pages
from tests import factory as f
from tests.browser.poison import MARK

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
LISTS = {f"/{page.slug}/": page for page in pages()} | {"/expiring/": DuePage}
MADE = "//img[@src='x'] | //*[@onerror] | //script[not(@src)][not(@type)] | //@href[starts-with(., 'javascript')]"
FILES = (".csv", ".xlsx", ".jsonl", ".atom", ".ics")


def parameters(page):
    return [*page.filterset_class.base_filters, *OWN_PARAMETERS, "unknown"]


def hostile(client, address, params):
    """The page at that address as a browser would build it; nothing of the markup is an element."""
    answer = client.get(address, params)
    assert answer.status_code in (200, 400), (address, params)
    page = lxml.html.fromstring(answer.content.decode())
    assert page.xpath(MADE) == [], (address, params)
    return answer.status_code, page


@pytest.fixture
def manager(client):
    f.statement()
    client.force_login(f.user("manager"))
    return client


@pytest.mark.parametrize("address", LISTS)
def test_every_parameter_of_every_list_stays_text(manager, address):
    """SEC-22: alone and all of them together; what is refused is told beside its field, with what was typed."""
    names = parameters(LISTS[address])
    shown = 0
    for name in names:
        _status, page = hostile(manager, address, {name: MARK, f"{name}!": MARK} if name != "unknown" else {MARK: MARK})
        shown += MARK in page.text_content() or bool(page.xpath("//input[@value=$mark]", mark=MARK))
    assert shown, "it is shown nowhere: this test looks at nothing"
    hostile(manager, address, dict.fromkeys(names, MARK))
    for part in ("overview/", "total/"):
        if address != "/expiring/":
            hostile(manager, f"{address}{part}", {"q": MARK} if "q" in names else {})


@pytest.mark.parametrize("address", [address for address, page in LISTS.items() if "q" in page.filterset_class.base_filters])
def test_the_links_of_a_list_carry_what_was_asked_and_nothing_breaks_out(manager, address):
    """SEC-22: the export link, feeds, calendars, sort links, the form that orders a file."""
    status, page = hostile(manager, address, {"q": MARK})
    assert status == 200
    links = [*page.xpath("//@href"), *page.xpath("//form/@action")]
    asking = [link for link in links if "img" in link]
    assert any(urlsplit(link).path.endswith(FILES) for link in asking), "no link to a file carries the question"
    for link in asking:
        assert not set("<>\"' ") & set(link), link
        given = parse_qs(urlsplit(link).query)
        assert (
            MARK in (value for values in given.values() for value in values)
            or urlencode({"q": MARK}) in given.get("next", [link])[0]
        )
    for link in (link for link in asking if urlsplit(link).path.endswith(FILES)):
        assert manager.get(link).status_code == 200, link
    assert all(MARK in value for value in page.xpath("//input[@type='hidden'][contains(@value, 'img src')]/@value"))
