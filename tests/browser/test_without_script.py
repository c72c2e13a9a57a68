"""With scripts switched off all of it still works: filters, the tree, counts, search, saved filters, columns, export."""

import csv

import pytest

pytestmark = pytest.mark.any_engine


@pytest.fixture
def plain(open_as, filled):
    page = open_as("walk-manager", java_script_enabled=False)
    page.goto(f"{filled.address}/companies/")
    return page


def count(page):
    return int(page.locator(".results .count strong").inner_text().replace(",", ""))


def submit(page):
    page.click("#filters .actions button.primary")


def test_filters_and_the_tree_are_set_and_taken_away(plain, filled):
    everything = count(plain)
    plain.check("#choices-region input[value='320000']")
    submit(plain)
    assert "region=320000" in plain.url
    in_province = count(plain)
    assert 0 < in_province < everything
    # The branch of a chosen province stands open, with what lies in it.
    plain.uncheck("#choices-region input[value='320000']")
    plain.locator("#choices-region input[value='320500']").check()
    submit(plain)
    assert 0 < count(plain) <= in_province
    plain.click(".chips .clear")
    plain.locator("#facet-industry > summary").click()
    plain.locator("#choices-industry li", has=plain.locator("input[value='C']")).locator("details > summary").first.click()
    plain.check("#choices-industry input[value='C17']")
    submit(plain)
    assert count(plain) >= 4
    plain.locator("[id='without-region!'] > summary").click()
    plain.select_option("[name='region!']", "320000")
    submit(plain)
    assert count(plain) == 0
    plain.locator(".empty a.button").wait_for()


def test_counts_and_charts_are_one_link_away(plain, filled):
    plain.click("noscript a")
    assert "/companies/overview/" in plain.url
    plain.locator("#choices-region .tally:not(:empty)").first.wait_for(state="attached")
    plain.locator("#charts svg a").first.click()
    assert "/companies/?" in plain.url
    assert count(plain) > 0


def test_nothing_shows_that_only_a_script_could_do(plain, filled):
    for address in ("/companies/", "/statements/", "/", filled.addresses["certifications:company"]):
        plain.goto(filled.address + address)
        assert plain.locator("[data-needs-script]:visible").count() == 0, address


def test_search_saved_filters_columns_and_export(plain, filled):
    plain.fill("[data-search]", "海曜")
    plain.press("[data-search]", "Enter")
    assert "海曜" in plain.locator("#companies mark").first.inner_text()

    plain.goto(f"{filled.address}/companies/?region=320583")
    shown = count(plain)
    plain.click("#saved-menu > summary")
    plain.fill("#saved-name", "没有脚本")
    plain.click(".save-filter button")
    plain.goto(f"{filled.address}/companies/")
    plain.click("#saved-menu > summary")
    plain.click("#saved-menu a[href='/saved/']")
    plain.click("a:text-is('没有脚本')")
    assert "region=320583" in plain.url
    assert count(plain) == shown

    plain.click(".page-head a[href*='/columns/']")
    plain.uncheck(".column-choice [value=types]")
    plain.click(".column-choice button[name=up][value=statements]")
    plain.click("button[name=once]")
    assert plain.locator("table.list tbody td").nth(2).get_attribute("data-label") != "行业"
    with plain.expect_download() as download:
        plain.click("a[href*='.csv']")
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert len(lines) - 1 == shown
    assert lines[0] == [*plain.locator("table.list thead th").all_inner_texts(), "链接"]

    plain.goto(f"{filled.address}/saved/")
    plain.locator("tr", has_text="没有脚本").locator("button.danger").click()
    plain.locator("#deleted li", has_text="没有脚本").wait_for()
