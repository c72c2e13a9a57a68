"""Everything is reached and seen by keyboard alone: a visible focus at every stop, rows by J, K and arrows, Esc closes."""

import pytest

PAGES = ("/", "/statements/", "/companies/", "/bodies/", "/bodies/share/", "/policies/", "/expiring/", "/review/")
FOCUS = """() => {
    const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
    const ring = element.closest(".site-nav, .bars") || element;
    return {
        tag: element.tagName, text: (element.ariaLabel || element.innerText || element.name || "").trim().slice(0, 40),
        isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        isMarked: style.outlineStyle !== "none" || style.boxShadow !== "none" || getComputedStyle(ring).outlineStyle !== "none",
    };
}"""


def stops(page, most=25):
    """What the Tab key reaches from the top of the page, until it leaves it."""
    found = []
    for _step in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        if here["tag"] == "BODY":
            break
        found.append(here)
    return found


@pytest.mark.parametrize("address", PAGES)
def test_every_stop_is_seen_and_marked(page, filled, address):
    page.goto(filled.address + address)
    reached = stops(page)
    assert len(reached) > 10
    assert not [stop for stop in reached if not (stop["isSeen"] and stop["isMarked"])]
    assert "main" in page.locator("a.skip").get_attribute("href")


def test_the_skip_link_leads_past_the_head(page, filled):
    page.goto(f"{filled.address}/expiring/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def current(page):
    """The number of the row in focus, -1 for none."""
    return page.evaluate(
        "[...document.querySelectorAll('table.list tbody tr')].findIndex((row) => row.contains(document.activeElement))"
    )


def test_rows_are_walked_by_keys_and_opened(page, filled):
    page.goto(f"{filled.address}/bodies/")
    last = page.locator("table.list tbody tr").count() - 1
    assert last >= 2
    page.keyboard.press("ArrowDown")
    assert current(page) == -1, "arrows scroll until a row has the focus"
    for key, row in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0), ("ArrowUp", 0)):
        page.keyboard.press(key)
        assert current(page) == row, key
    for _row in range(last + 3):
        page.keyboard.press("j")
    assert current(page) == last
    target = page.evaluate("document.activeElement.pathname")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{filled.address}{target}")


def test_letters_typed_into_a_field_stay_letters(page, filled):
    page.goto(f"{filled.address}/statements/")
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    assert page.evaluate("document.activeElement.value") == "jk?"
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_esc_closes_the_account_menu_and_gives_the_focus_back(page, filled):
    page.goto(filled.address)
    page.locator("details.menu summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("details.menu[open]").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    assert page.evaluate("document.activeElement.matches('details.menu summary')")


def test_the_board_of_keys_names_them(page, filled):
    page.goto(filled.address)
    page.keyboard.press("?")
    named = page.locator("#keys kbd").all_inner_texts()
    assert {"/", "?", "J", "K", "Enter", "Esc"} <= set(named)
    page.keyboard.press("j")
    assert page.evaluate("document.getElementById('keys').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
