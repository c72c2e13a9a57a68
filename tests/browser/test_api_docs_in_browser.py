"""The description of the API as people see it: drawn by our own files, in the language and the light of the site."""

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.any_engine  # what scripts and styles do

# Whether the words are light, by the sum of their red, green and blue.
LIGHT = (
    "getComputedStyle(document.querySelector('.opblock-tag')).color.match(/\\d+/g).slice(0, 3).reduce((a, b) => +a + +b) > 384"
)


@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_drawn_from_this_site_alone_and_fits(page, filled, width):
    """The browser wishes for English; the page is Chinese, and so is what it shows of the API."""
    asked = []
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{filled.address}/api/v1/docs/")
    head = page.locator(".opblock-summary", has_text="/api/v1/statements/").first
    head.click()
    assert "核查声明" in head.inner_text()
    page.get_by_text("validity", exact=True).first.wait_for()
    assert {one.netloc for one in asked if one.scheme != "data"} == {urlsplit(filled.address).netloc}
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_it_is_as_light_or_dark_as_the_site(page, filled):
    """As the browser wishes, until somebody chooses; a choice holds at once."""
    page.goto(f"{filled.address}/api/v1/docs/")
    page.wait_for_selector(".opblock")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        turned(page, dark=scheme == "dark")
    for name in ("light", "dark"):
        page.click("[data-theme-switch]")
        assert page.get_attribute("html", "data-theme") == name
        turned(page, dark=name == "dark")


def turned(page, *, dark):
    """Once the colours have passed into each other; the page's policy forbids the driver to wait for it within the page."""
    for _try in range(100):
        if page.evaluate(LIGHT) is dark:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"the words of the API are not for a {'dark' if dark else 'light'} page")
