"""Editing in two tabs, signed out in between: in a real browser what was typed stands there afterwards (ADM-14)."""

import re

import pytest

from tests.browser.records import PASSWORD

pytestmark = pytest.mark.any_engine
TEXT = "第一行\n<b>“二” & 'drei'</b>"


@pytest.fixture
def tabs(filled, open_as):
    """(the tab in which something is typed, a second one of the same browser that has signed out): f(address)."""

    def opened(address, name="walk-editor"):
        # A session of its own: to sign out of it must not end that of other tests.
        first = open_as("")
        sign_in(first, filled, name)
        first.goto(filled.address + address)
        second = first.context.new_page()
        second.goto(f"{filled.address}/")
        return first, second

    return opened


def sign_in(page, site, name):
    if "/accounts/login/" not in page.url:
        page.goto(f"{site.address}/accounts/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", site.accounts.get(name, PASSWORD))
    page.press("[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/$|/\?"))


def sign_out(page):
    page.click("summary.avatar")
    page.click("form[action='/accounts/logout/'] button")
    page.wait_for_url(re.compile("/accounts/login/"))


def again(page, site, name="walk-editor"):
    """From the page that says that one is signed out: sign in in the tab that it opens, come back, send."""
    page.wait_for_selector(
        "h1:has-text('已退出登录'), h1:has-text('You are signed out'), form[action] input[type=hidden]", state="attached"
    )
    with page.context.expect_page() as other:
        page.click("a[target=_blank][href='/accounts/login/']")
    sign_in(other.value, site, name)
    other.value.close()
    page.click("form[action]:has(input[type=hidden]) button.button:not(.tool)")
    # Signing in gave the forms of the site new tokens: the page comes back once, and says so.
    page.wait_for_selector("p.figure:has-text('403')")
    page.click("main form button[type=submit]")


def test_a_note_that_was_typed_is_kept(filled, tabs):
    """ADM-14, the forms of the site."""
    address = filled.addresses["certifications:company"]
    first, second = tabs(address)
    box = first.locator("textarea[name=text]").first
    box.evaluate("(element) => element.closest('details') && (element.closest('details').open = true)")
    box.fill(TEXT)
    sign_out(second)
    box.evaluate("(element) => element.form.querySelector('button[value=add], button[type=submit]').click()")
    again(first, filled)
    first.wait_for_url(re.compile(re.escape(address)))
    assert "“二” & 'drei'" in first.inner_text("main")


def test_a_newsletter_that_was_pasted_is_kept(filled, tabs):
    """ADM-14, the review desk's own door."""
    first, second = tabs("/review/")
    text = "碳讯周报\n\n苏州退出样例科技有限公司获得SGS颁发的产品碳足迹声明。\n"
    first.fill("textarea[name=text]", text)
    sign_out(second)
    first.locator("textarea[name=text]").evaluate("(element) => element.form.requestSubmit()")
    again(first, filled)
    first.wait_for_url(re.compile(r"/review/\d+/"))
    assert "苏州退出样例科技有限公司" in first.inner_text("main")


def test_what_was_corrected_at_the_desk_is_kept(filled, tabs):
    """ADM-14, the review desk."""
    first, second = tabs(filled.addresses["digest:review"])
    field = first.locator("#entry textarea:visible, #entry input[type=text]:visible").first
    name = field.get_attribute("name")
    field.fill("亲手改过的样例")
    sign_out(second)
    first.locator("#entry").evaluate(
        "(form) => form.requestSubmit(form.querySelector('button[value=accept], button[type=submit]'))"
    )
    first.wait_for_selector("a[target=_blank][href='/accounts/login/']")
    assert first.locator(f"main input[type=hidden][name='{name}']").input_value() == "亲手改过的样例"
    again(first, filled)
    first.wait_for_url(re.compile(r"/review/\d+/"))
    assert "亲手改过的样例" in first.content()


def test_a_record_that_was_entered_in_the_admin_is_kept(filled, tabs):
    """ADM-14, the admin."""
    first, second = tabs("/admin/certifications/company/add/")
    first.fill("#id_name", "昆山退出样例有限公司")
    sign_out(second)
    first.locator("#id_name").evaluate("(element) => element.form.requestSubmit(document.querySelector('[name=_save]'))")
    again(first, filled)
    first.wait_for_url(re.compile(r"/admin/certifications/company/(\?|$)"))
    assert "昆山退出样例有限公司" in first.inner_text("#content")
