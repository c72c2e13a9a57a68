"""Every page in light and dark, wide and narrow: nothing wider than the screen, no fault that axe can find (WCAG 2.2 AA).

By day all pages are seen, each in one of the four looks, always the same one; by night each in all of them.
The pages are those of the resolver: a new address must be a page that is seen here, or be named among those that are none.
"""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.finders import find
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from tanxun.settings import AXES_FAILURE_LIMIT
from tanxun.site.views import broken
from tests.effort import IS_NIGHTLY

pytestmark = pytest.mark.any_engine

# Addresses that draw no page of their own: files, parts of pages, what takes a POST alone, redirects, health, the API; its docs
# are drawn by Swagger UI, whose contrasts and names are not ours to mend.
NO_PAGE = re.compile(
    r".*-(csv|xlsx|jsonl|atom|ics|linked|counts|total|seen|export)|places|saved-(add|open|delete|restore|default)|logout|set_language|livez|readyz"
    r"|export-file|exports-rows|jobs:(rows|hint|stop|close)|certifications:import-(report|template)|digest:(links|feed)"
    r"|api|api-.*|address-(add|revoke)|secret-address|alerts:(follow|change|mailbox|hook_restore|(add|change)-export)"
    r"|certifications:(credential|undo-merge)|confirm|attachment(-change)?|digest:(draft_file|issue_file|wechat)"
    r"|admin:(logout|login|autocomplete|jsi18n|view_on_site|None)|admin:\w+_simple_history"
)
# Pages of the admin that are alike for every model: those of statements stand for all; the queue's rows are gone soon.
ALIKE = re.compile(r"admin:((?!certifications_verificationstatement_)\w+_(add|history|delete)|django_tasks_\w+_change)")
STATES = (
    "/statements/?type=nonsense&period=x",
    "/statements/?q=没有这样的东西",
    "/statements/?region=320583&type!=epd&columns=all",
    "/search/?q=昆山 纺织",
    "/search/?q=没有这样的东西",
    "/search/?q=%00",
    "/statements/edit/?id=0",
    "/expiring/?within=31",
    "/expiring/?kind=duty&type=epd",
    "/companies/2/merge/?with=3",
    "/nothing-here/",
)
UNFOLD = """() => {
    document.querySelectorAll("details:not(.menu, .module, [hidden], [hx-get])").forEach((part) => (part.open = true));
}"""
# Of what repeats itself (rows, choices) the first few stand for all: axe takes its time for each.
PRUNE = """() => {
    const repeated = ":is(#filters, main, #content, .desk) :is(li, tr, label, option):nth-of-type(n + 7)";
    document.querySelectorAll(repeated).forEach((element) => element.remove());
}"""
RUN = """async (rules) => {
    document.getAnimations().forEach((moving) => moving.finish());
    const options = { runOnly: rules, resultTypes: ["violations"], selectors: false, preload: false, iframes: false };
    const found = await axe.run(document, options);
    return found.violations.flatMap((fault) => fault.nodes.map((node) => `${fault.id}: ${node.html.slice(0, 150)}`));
}"""
ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# What a scheme can change, and what a width can.
OF_SCHEME = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
OF_WIDTH = {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}
WIDTHS = (1440, 390)
LOOKS = ((1440, "light", ALL), (1440, "dark", OF_SCHEME), (390, "dark", OF_SCHEME), (390, "light", OF_WIDTH))


def names(resolver, space=""):
    """The names of all addresses, with their name spaces."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"
        else:
            yield from names(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)


PAGES = sorted({name for name in names(get_resolver()) if not NO_PAGE.fullmatch(name) and not ALIKE.fullmatch(name)})


@pytest.fixture
def page(page_in_window):
    return page_in_window


def settle(page):
    """Until the counts of a list have come, and what is folded is open."""
    page.wait_for_load_state()
    if page.locator("#overview[hx-get]").count():
        page.wait_for_selector("#overview [data-total]", state="attached")
    page.evaluate(UNFOLD)


def check(page, looks=LOOKS):
    """The page as it stands: in both widths whether it fits, in these looks by axe."""
    settle(page)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            found.append(f"{width}: wider than the screen")
    page.evaluate(PRUNE)
    page.evaluate(Axe().axe_script)
    for width, scheme, rules in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [f"{width} {scheme} {fault}" for fault in page.evaluate(RUN, rules)]
    assert not found, "\n".join(found)


def looks_of(number):
    """One look of the four, by which page it is; by night all of them."""
    width, scheme, _rules = LOOKS[number % len(LOOKS)]
    return LOOKS if IS_NIGHTLY else ((width, scheme, ALL),)


@pytest.mark.parametrize(("number", "name"), list(enumerate(PAGES)))
def test_page_fits_and_is_accessible(page, filled, number, name):
    arguments = ["certifications"] if name == "admin:app_list" else []
    page.goto(filled.address + (filled.addresses.get(name) or reverse(name, args=arguments)))
    check(page, looks_of(number))


@pytest.mark.parametrize(("number", "address"), list(enumerate(STATES)))
def test_other_states_of_a_page_are_accessible(page, filled, number, address):
    page.goto(filled.address + address)
    check(page, looks_of(number))


@pytest.mark.parametrize("name", ["login", "home", "statements", "admin:index"])
def test_what_a_stranger_sees_is_accessible(open_as, filled, name):
    page = open_as("")
    page.goto(filled.address + reverse(name))
    assert page.locator("input[type=password]").count() == 1
    check(page)


@pytest.mark.parametrize(("role", "address"), [("walk-reader", "/review/"), ("walk-consultant", "/")])
def test_what_a_role_sees_is_accessible(open_as, filled, role, address):
    page = open_as(role)
    page.goto(filled.address + address)
    check(page)


def test_the_menus_are_accessible_open(page, filled):
    page.goto(f"{filled.address}/statements/")
    page.click("details.menu summary.avatar")
    check(page)
    page.goto(f"{filled.address}/statements/")
    page.click("#saved-menu summary")
    page.wait_for_selector("#saved-menu .saved-filters li")
    settle(page)
    # What the menu lies over is seen by itself; half a link is no target.
    page.evaluate("document.querySelector('#overview').remove()")
    check(page)


def test_the_page_of_a_broken_view_is_accessible(page, filled):
    """Drawn by the view that the site would call, served at the site's own address."""
    drawn = broken(RequestFactory().get("/broken/")).content  # here with the names of files as they are in the repository
    page.route("**/static/**", lambda route: route.fulfill(path=find(urlsplit(route.request.url).path.partition("/static/")[2])))
    page.route("**/broken/", lambda route: route.fulfill(status=500, content_type="text/html", body=drawn))
    page.goto(f"{filled.address}/broken/")
    assert page.locator("h1").inner_text()
    check(page)


def test_the_page_after_too_many_wrong_passwords_is_accessible(open_as, filled):
    page = open_as("")
    page.goto(f"{filled.address}/accounts/login/")
    token = page.locator("form:has([name=password]) [name=csrfmiddlewaretoken]").get_attribute("value")
    tried = {"username": "walk-stranger", "password": "wrong", "csrfmiddlewaretoken": token}
    for _attempt in range(AXES_FAILURE_LIMIT):
        page.request.post(page.url, form=tried, headers={"Referer": page.url})
    page.fill("[name=username]", "walk-stranger")
    page.fill("[name=password]", "wrong")
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".empty h1")
    check(page)


def test_keys_find_search_and_help(page, filled):
    page.goto(f"{filled.address}/statements/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_the_language_is_chosen_and_kept(open_as, filled):
    page = open_as("admin")
    page.goto(f"{filled.address}/statements/")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    page.click("form[action='/i18n/setlang/'] button")
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto(f"{filled.address}/companies/")
    assert page.locator("html").get_attribute("lang") == "en"
