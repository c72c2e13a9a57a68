"""Everything is reached and seen by keyboard alone: a visible focus at every stop, rows by J, K and arrows, Esc closes."""

import pytest

pytestmark = pytest.mark.any_engine  # what scripts and styles do

PAGES = (
    "/",
    "/statements/",
    "/companies/",
    "/bodies/",
    "/bodies/share/",
    "/policies/",
    "/targets/",
    "/statistics/",
    "/expiring/",
    "/review/",
)
FOCUS = """() => {
    const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
    const ring = element.closest(".site-nav, .bars") || element;
    const drawn = element.closest(".chart") && element.querySelector(".hit, .place");
    return {
        tag: element.tagName, text: (element.ariaLabel || element.innerText || element.name || "").trim().slice(0, 40),
        isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        isMarked: style.outlineStyle !== "none" || style.boxShadow !== "none" || getComputedStyle(ring).outlineStyle !== "none"
            || Boolean(drawn) && getComputedStyle(drawn).stroke !== "none",
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


def focus_is(page, selector):
    return page.evaluate("(selector) => document.activeElement.matches(selector)", selector)


def test_help_gives_the_focus_back(page, filled):
    page.goto(f"{filled.address}/statements/")
    page.keyboard.press("j")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    assert current(page) == 0


def test_a_filter_is_set_and_taken_away_by_keys_alone(page, filled):
    page.goto(f"{filled.address}/companies/")
    page.wait_for_selector("#overview [data-total]", state="attached")
    box = page.locator("#choices-validity input").first
    tab_to(page, f"#choices-validity input[value='{box.get_attribute('value')}']")
    page.keyboard.press("Space")
    page.wait_for_selector(".chips .chip")
    assert f"validity={box.get_attribute('value')}" in page.url
    tab_to(page, ".chips .clear")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{filled.address}/companies/")


def test_the_tree_is_opened_and_searched_by_keys(page, filled):
    page.goto(f"{filled.address}/companies/")
    tab_to(page, "#in-region-320000 > summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#choices-region input[value='320500']")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value.startsWith('32')")
    page.goto(f"{filled.address}/companies/")
    tab_to(page, "[data-places]")
    page.keyboard.type("昆山")
    page.wait_for_selector(".found input[value='320583']")
    page.keyboard.press("Tab")
    assert focus_is(page, ".found input[value='320583']")
    page.keyboard.press("Space")
    page.wait_for_url("**region=320583**")


def test_columns_are_chosen_and_moved_by_keys(page, filled):
    page.goto(f"{filled.address}/bodies/columns/")
    tab_to(page, "input[value=kind]")
    page.keyboard.press("Space")
    tab_to(page, "button[name=down][value=name]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    chosen = page.locator(".column-choice input:checked").evaluate_all("(boxes) => boxes.map((box) => box.value)")
    assert chosen[:2] == ["full_name", "name"]
    assert "kind" not in chosen
    tab_to(page, "button[name=once]")
    page.keyboard.press("Enter")
    page.wait_for_url("**columns=full_name*")
    assert page.locator("table.list thead th").all_inner_texts()[:2] == ["全称", "名称"]


def tab_to(page, selector, most=150):
    """Press Tab until the focus is there; every stop on the way is seen and marked."""
    for _step in range(most):
        if focus_is(page, selector):
            return
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        assert here["tag"] == "BODY" or (here["isSeen"] and here["isMarked"]), here
    raise AssertionError(f"the Tab key does not reach {selector}")
