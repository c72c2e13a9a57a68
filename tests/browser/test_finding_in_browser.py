"""Finding, narrowing and keeping a question, as people do it: the walks that issue 4 names, in a real browser."""

import re

import pytest
import python_calamine

from tests.browser.records import TEXTILES

pytestmark = pytest.mark.any_engine
NEW_COMPANY = """
from tests import factory as f
import datetime as dt
f.statement(company=f.company("昆山样织新来纺织有限公司"), issued_on=dt.date(2025, 5, 5))
"""


def number(text):
    return int(re.search(r"[\d,]+", text)[0].replace(",", ""))


def listed(page):
    """How many rows the list says it has."""
    return number(page.locator(".results .count").inner_text())


def rows(page):
    return page.locator("table.list tbody tr")


class Hands:
    """Counts what a person does: a click is one interaction, typing with Enter at its end is one."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def click(self, selector):
        self.count += 1
        self.page.click(selector)
        self.page.wait_for_load_state()

    def type(self, selector, text):
        self.count += 1
        self.page.fill(selector, text)
        self.page.press(selector, "Enter")
        self.page.wait_for_load_state()


def test_textile_companies_of_a_place_whose_statement_is_due_in_three_steps(open_as, filled):
    page = open_as("walk-consultant")
    page.goto(f"{filled.address}/")
    hands = Hands(page)
    hands.type("[data-search]", "昆山 纺织")
    promised = page.locator(".shortcut li", has=page.locator("a[href*='due=']")).locator(".number").inner_text()
    hands.click(".shortcut a[href*='due=']")
    assert hands.count <= 3
    assert set(rows(page).locator("td:first-child").all_inner_texts()) == set(list(TEXTILES)[:3])
    assert listed(page) == number(promised) == 3
    hands.click(".follows a[href^='/statements/']")
    assert hands.count == 3
    assert listed(page) == 3
    assert all("样织" in text for text in rows(page).all_inner_texts())


@pytest.mark.parametrize(("typed", "name", "lit"), [
    ("kunshanyangzhi", "昆山样织甲纺织有限公司", "昆山样织"), ("ksyzd", "昆山样织丁纺织有限公司", "昆山样织丁"),
    ("haiyao", "昆山样织丁纺织有限公司", "海曜"), ("hyzz", "昆山样织丁纺织有限公司", "海曜织造"),
])  # fmt: skip
def test_pinyin_and_initials_find_the_company_and_light_it(page, filled, typed, name, lit):
    Hands(page).type("[data-search]", typed)
    hit = page.locator("#companies .hits li", has_text=name).first
    assert lit in hit.locator("mark").all_inner_texts()


def test_the_sentence_that_was_hit_is_lit(page, filled):
    Hands(page).type("[data-search]", "样例价格")
    assert page.locator("#news .hits p mark").all_inner_texts() == ["样例价格"]


def test_a_filter_shared_with_a_role_is_opened_by_it_and_closed_with_the_share(open_as, filled):
    manager, consultant, reader = open_as("walk-manager"), open_as("walk-consultant"), open_as("walk-reader")
    manager.goto(f"{filled.address}/statements/?region=320583&due=overdue")
    manager.click("#saved-menu summary")
    manager.fill("#saved-name", "昆山逾期")
    manager.click(".save-filter button")
    manager.wait_for_url("**region=320583**")
    manager.goto(f"{filled.address}/saved/")
    row = manager.locator("tr", has_text="昆山逾期")
    row.locator("a[href$='/edit/']").click()
    manager.select_option("[name=shared_with_role]", "consultant")
    manager.click(".own-form button.primary")
    kept = manager.locator("tr a", has_text="昆山逾期").get_attribute("href")

    consultant.goto(f"{filled.address}/statements/")
    consultant.click("#saved-menu summary")
    consultant.click("#saved-menu a:text-is('昆山逾期')")
    consultant.wait_for_url("**due=overdue**")
    assert listed(consultant) == 1
    reader.goto(f"{filled.address}/saved/")
    assert "昆山逾期" not in reader.locator("main").inner_text()
    assert reader.goto(filled.address + kept).status == 404

    manager.locator("tr", has_text="昆山逾期").locator("a[href$='/edit/']").click()
    manager.select_option("[name=shared_with_role]", "")
    manager.click(".own-form button.primary")
    assert consultant.goto(filled.address + kept).status == 404
    consultant.goto(f"{filled.address}/saved/")
    assert "昆山逾期" not in consultant.locator("main").inner_text()
    manager.locator("tr", has_text="昆山逾期").locator("button.danger").click()


def test_columns_are_chosen_and_ordered_and_the_export_has_the_same(open_as, filled, tmp_path):
    page = open_as("walk-manager")
    page.goto(f"{filled.address}/statements/?region=320583")
    page.click(".page-head a[href*='/columns/']")
    for key in ("products", "certificate_number", "emissions"):
        page.uncheck(f".column-choice [value={key}]")
    page.check(".column-choice [value=valid_until]")
    page.click(".column-choice button[name=up][value=body]")
    page.click(".column-choice button[name=up][value=valid_until]")
    page.click("button[name=keep]")
    page.wait_for_url("**/statements/**")
    heads = page.locator("table.list thead th").all_inner_texts()
    assert heads == ["企业", "发证/核查机构", "类型", "地区", "日期", "有效期至", "有效状态"]
    shown = rows(page).count()
    with page.expect_download() as download:
        page.click("a.primary[href*='.xlsx']")
    download.value.save_as(tmp_path / "list.xlsx")
    sheet = python_calamine.CalamineWorkbook.from_path(tmp_path / "list.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[0] == [*heads, "链接"]
    assert len(sheet) - 1 == listed(page)
    assert shown == min(len(sheet) - 1, 25)  # a page of it, however many companies other tests entered there
    page.click(".page-head a[href*='/columns/']")
    page.click("button[name=reset]")


@pytest.mark.parametrize("slug", ["statements", "companies", "policies"])
def test_counts_arrive_and_lead_to_lists_that_hold_as_many(page, filled, slug):
    page.goto(f"{filled.address}/{slug}/")
    page.wait_for_selector("#overview [data-total]", state="attached")
    counted = page.locator("#filters .choices label:has(.tally:not(:empty, .none)):visible")
    assert counted.count() > 2
    for place in (0, counted.count() - 1):
        label = counted.nth(place)
        value, promised = label.locator("input").get_attribute("value"), number(label.locator(".tally").inner_text())
        label.click()
        page.wait_for_url(f"**={value}**")
        page.wait_for_function("(n) => document.querySelector('.results .count').innerText.includes(n)", arg=f"{promised:,}")
        assert listed(page) == promised
        page.goto(f"{filled.address}/{slug}/")
        page.wait_for_selector("#overview [data-total]", state="attached")
        page.wait_for_function("() => document.querySelector('#filters .tally').textContent")


def test_the_parts_of_the_due_board_arrive_and_lead_to_lists_that_hold_as_many(page, filled):
    page.goto(f"{filled.address}/expiring/")
    page.wait_for_selector("#figures .counts a")
    parts = page.locator("#figures .counts li")
    found = [(part.locator("a").get_attribute("href"), number(part.locator(".number").inner_text())) for part in parts.all()]
    assert len(found) >= 3
    for href, count in found:
        page.goto(filled.address + href)
        assert listed(page) == count, href


@pytest.mark.parametrize("slug", ["statements", "companies", "policies"])
def test_bars_and_tiles_lead_to_lists_that_hold_as_many(page, filled, slug):
    page.goto(f"{filled.address}/{slug}/")
    page.wait_for_selector("#charts svg a")
    links = page.locator("#charts svg a")
    found = [(link.get_attribute("href"), number(link.get_attribute("aria-label").rsplit(":", 1)[1])) for link in links.all()]
    assert len({page.evaluate("(a) => new URL(a, location).search.split('=')[0]", href) for href, _count in found}) > 1
    links.nth(0).click()
    page.wait_for_url(f"**{found[0][0]}")
    assert listed(page) == found[0][1]
    for href, count in found[1::3]:
        page.goto(filled.address + href)
        assert listed(page) == count, href


def test_what_came_in_since_the_last_visit(open_as, filled):
    page = open_as("walk-editor")
    with page.expect_response("**/companies/seen/"):
        page.goto(f"{filled.address}/companies/")
    assert page.locator(".fresh").count() == 0
    assert filled.manage("shell", "-v", "0", "-c", NEW_COMPANY).returncode == 0
    page.goto(f"{filled.address}/companies/?q=样织")
    assert "昆山样织新来纺织有限公司" in page.locator("tr:has(.fresh)").inner_text()
    page.check("[name=new]")
    page.wait_for_url("**new=1**")
    page.wait_for_function("() => document.querySelectorAll('table.list tbody tr').length === 1")
    assert "昆山样织新来纺织有限公司" in rows(page).inner_text()
    with page.expect_navigation():
        page.click("form.seen button")
    page.goto(f"{filled.address}/companies/?q=样织")
    assert page.locator(".fresh").count() == 0
    page.goto(f"{filled.address}/companies/?new=1")
    assert rows(page).count() == 0


@pytest.mark.parametrize(
    ("length", "statuses"), [(8_000, {200}), (64_000, {200, 414}), (200_000, {414}), (1_000_000, {414, 431})]
)
def test_a_long_address_is_answered_and_not_dropped(page, filled, length, statuses):
    """FLT-24, asked of the real server."""
    answer = page.request.get(f"{filled.address}/statements/?region=320583&utm_source={'x' * length}")
    assert answer.status in statuses
