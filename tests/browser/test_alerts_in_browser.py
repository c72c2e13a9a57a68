"""What leads to mails, feeds and calendars can be reached and read, on a wide screen and on a phone."""

import pytest

from tests.browser.test_phone_in_browser import PHONE

pytestmark = pytest.mark.any_engine
LONG = "江苏省与浙江省近一年内签发的产品碳足迹核查声明（客户名单，按签发日期排列，供每周例会使用）"
WIDE = {"viewport": {"width": 1440, "height": 900}}


def save_filter(page, site):
    page.goto(f"{site.address}/statements/?type=ghg_verification")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    form = {"list": "statements", "query": "type=ghg_verification", "name": LONG, "csrfmiddlewaretoken": token}
    page.request.post(f"{site.address}/saved/add/", form=form, headers={"Referer": site.address})
    page.goto(f"{site.address}/saved/")


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_feed_of_a_saved_filter_can_be_made_and_revoked(open_as, filled, screen):
    page = open_as("walk-manager", **screen)
    save_filter(page, filled)
    menu = page.locator("main details.subscribe").first
    menu.locator("summary").click()
    menu.locator("button[value^='/statements.atom']").click(timeout=5000)  # fails where another part of the page lies over it
    page.wait_for_url("**/account/addresses/add/")
    assert "/feeds/" in page.content()

    page.goto(f"{filled.address}/account/addresses/")
    key = page.locator("main table.rows tbody tr").last
    count = page.locator("main table.rows tbody tr").count()
    key.locator("summary").click()
    key.locator("form button").click(timeout=5000)
    page.wait_for_url("**/account/addresses/")
    assert page.locator("main table.rows tbody tr").count() == count - 1


@pytest.mark.parametrize("address", ["/saved/", "/hooks/new/", "/account/addresses/", "/review/feeds/"])
def test_nothing_is_wider_than_a_phone_whatever_the_names_of_filters(open_as, filled, address):
    page = open_as("walk-manager", **PHONE)
    save_filter(page, filled)
    page.goto(f"{filled.address}{address}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
