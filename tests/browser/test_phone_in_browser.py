"""On a phone: cards instead of rows, filters behind one button, nothing wider than the screen, targets a thumb can hit."""

import pytest

pytestmark = pytest.mark.any_engine  # what scripts and styles do

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("slug", ["statements", "companies", "bodies", "policies", "targets", "incentives"])
def test_lists_are_cards_and_filters_are_reached(open_as, filled, slug):
    page = open_as("walk-reader", **PHONE)
    page.goto(f"{filled.address}/{slug}/")
    first = page.locator("table.list tbody tr").first
    assert (
        page.locator("table.list thead").bounding_box() is None or page.locator("table.list thead").bounding_box()["height"] < 2
    )
    box = first.bounding_box()
    assert 300 < box["width"] <= 390
    cells = first.locator("td").all()
    assert all(cell.bounding_box()["x"] + cell.bounding_box()["width"] <= 390 for cell in cells)
    label = page.evaluate("getComputedStyle(document.querySelector('table.list tbody tr td:nth-child(2)'), '::before').content")
    assert label.strip('"') == cells[1].get_attribute("data-label")

    assert not page.locator("#filters").is_visible()
    page.tap(".filter-panel > summary")
    assert page.locator("#filters").is_visible()
    choice = page.locator("#filters .choices label:visible").first
    value = choice.locator("input").get_attribute("value")
    choice.tap()
    page.wait_for_url(f"**={value}**")
    page.wait_for_selector(".chips .chip")
    page.locator(".chips .clear").tap()
    page.wait_for_url(f"**/{slug}/")
