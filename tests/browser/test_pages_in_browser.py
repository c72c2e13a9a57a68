"""Every page in light and dark, wide and narrow: nothing wider than the screen, no fault that axe can find (WCAG 2.2 AA)."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = (
    "/",
    "/statements/",
    "/statements/?type=nonsense",
    "/companies/",
    "/bodies/",
    "/bodies/share/",
    "/policies/",
    "/expiring/",
    "/expiring/?within=31",
    "/expiring/?kind=duty&type=epd",
    "/review/",
    "/nothing-here/",
    "desk",
    "sign-in",
)
DETAILS = ("/statements/", "/companies/", "/bodies/", "/policies/")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def faults(page):
    result = Axe().run(page, options=RULES)
    return [f"{fault['id']}: {node['html'][:150]}" for fault in result.response["violations"] for node in fault["nodes"]]


def open_page(page, site, address):
    if address == "desk":
        page.goto(f"{site.address}/review/")
        page.click("table.issues tbody a >> nth=0")
    elif address == "sign-in":
        page.context.clear_cookies()
        page.goto(f"{site.address}/accounts/login/")
    elif address.startswith("detail of "):
        page.goto(site.address + address.removeprefix("detail of "))
        page.click("table.list tbody tr a >> nth=0")
    else:
        page.goto(site.address + address)
    page.wait_for_load_state()


@pytest.mark.parametrize("address", [*PAGES, *(f"detail of {address}" for address in DETAILS)])
def test_page_fits_and_is_accessible(page, filled, address):
    for width, scheme in ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        open_page(page, filled, address)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, (
            f"too wide at {width}"
        )
        assert not faults(page), f"{width} {scheme}"


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


def test_the_language_is_chosen_and_kept(page, filled):
    page.goto(f"{filled.address}/statements/")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    page.click("form[action='/i18n/setlang/'] button")
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "en"
    page.goto(f"{filled.address}/companies/")
    assert page.locator("html").get_attribute("lang") == "en"
