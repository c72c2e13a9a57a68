"""The weekly on its way out, as an editor makes it: moved by mouse and by keys, nothing unsaved lost, copied with its styles."""

import datetime as dt

import pytest

from tests.browser.conftest import run

pytestmark = pytest.mark.any_engine

PAGE = "/digests/compose/2027-W10/"
RECORDS = """
import datetime as dt
from policies.models import KeyPoint
from tests import factory as f
for name in "甲乙丙":
    made = f.policy(f"样例部:发布{name}方案", week_on=dt.date(2027, 3, 10))
    KeyPoint.objects.create(policy=made, text=f"推动{name}园区建设。")
"""


@pytest.fixture(scope="module")
def week(site):
    """A week of its own, with three policies in one section."""
    run(site, "shell", "-v", "0", "-c", RECORDS)
    return dt.date(2027, 3, 10)


def headlines(page):
    return [box.input_value()[6:7] for box in page.locator(".entry-words > input").all()]


def test_entries_are_moved_by_mouse_and_by_keys_and_the_issue_is_copied(page, site, week):
    page.goto(f"{site.address}{PAGE}")
    assert headlines(page) == ["甲", "乙", "丙"]

    # By keys: the button keeps the focus, so that pressing it again goes on.
    page.locator(".entry-line").nth(0).locator("[data-step='1']").focus()
    page.keyboard.press("Enter")
    assert headlines(page) == ["乙", "甲", "丙"]
    page.keyboard.press("Enter")
    assert headlines(page) == ["乙", "丙", "甲"]
    page.keyboard.press("Enter")  # it is the last: nothing is sent
    assert page.locator(".place").all_inner_texts() == ["1", "2", "3"]
    assert page.url.endswith(PAGE)

    # By mouse.
    lines = page.locator(".entry-line")
    lines.nth(2).locator("[data-grip]").drag_to(lines.nth(0), target_position={"x": 200, "y": 6})
    assert headlines(page) == ["甲", "乙", "丙"]

    # What is left out has no number; taken back, it has one again.
    lines.nth(0).locator("[name=left_out]").check()
    assert page.locator(".place").all_inner_texts() == ["–", "1", "2"]
    lines.nth(0).locator("[name=left_out]").uncheck()

    # Leaving with something unsaved asks first.
    lines.nth(1).locator(".entry-words > input").fill("样例部:发布丁方案")
    assert page.evaluate("!dispatchEvent(new Event('beforeunload', {cancelable: true}))")

    page.click("button[value=preview]")
    page.wait_for_url("**/preview/")
    assert page.locator(".issue h3").all_inner_texts() == ["样例部:发布甲方案", "样例部:发布丁方案", "样例部:发布丙方案"]

    # WeChat's version: in its frame, and copied with its styles and as plain text.
    page.goto(f"{site.address}{PAGE}preview/?as=wechat")
    frame = page.frame_locator("iframe.phone")
    assert frame.locator("h3").first.inner_text() == "样例部:发布甲方案"
    colour = frame.locator("h1").evaluate("element => getComputedStyle(element).color")
    assert colour == "rgb(6, 98, 70)"
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.wait_for_load_state("networkidle")
    page.click("[data-copies]")
    page.wait_for_function("document.querySelector('[data-copy-status]').textContent")
    read = "async (kind) => { const [item] = await navigator.clipboard.read(); return (await item.getType(kind)).text(); }"
    assert 'style="' in page.evaluate(read, "text/html")
    plain = page.evaluate(read, "text/plain")
    assert "样例部:发布丁方案" in plain
    assert "<" not in plain


def test_the_page_of_a_phone_is_no_wider_than_its_screen(page, site, week):
    page.set_viewport_size({"width": 390, "height": 800})
    for address in (PAGE, f"{PAGE}preview/", f"{PAGE}preview/?as=phone", "/digests/compose/"):
        page.goto(f"{site.address}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
