"""A large newsletter accepted in the background, by the worker that `start` runs: the desk shows it without being loaded anew."""

from tests.browser.test_weekly_in_browser import bring_in

ITEM = "第{0}家:获产品碳足迹核查声明\n\n近日,绍兴远航{0}号电机有限公司的电机获得SGS颁发的产品碳足迹核查声明。\n\n"
COUNT = 160  # it takes longer than the desk waits before it asks again
ISSUE = "碳讯丨测试周报第三十期\n\n01. 行业动态\n\n" + "".join(ITEM.format(number) for number in range(COUNT))
WAIT = 120_000


def test_the_desk_shows_how_far_it_is_and_what_came_of_it(page, site):
    bring_in(page, site, ISSUE)
    desk = page.url
    page.click("button[value=accept_all]")
    page.wait_for_selector(".job-hint [id^=stop-]")
    page.locator(".job-hint [id^=stop-]").focus()
    page.wait_for_selector(".job-hint progress[value]", timeout=WAIT)
    assert page.evaluate("document.activeElement.id").startswith("stop-")  # drawn anew, and the focus stayed
    page.wait_for_selector(".job-hint .job-done", timeout=WAIT)
    assert page.url == desk
    assert str(COUNT) in page.inner_text(".job-hint p")
    assert not page.locator("[data-poll]").count()
    page.click(".job-hint p a")
    page.wait_for_selector(".items")
    assert page.locator(".items li.accepted").count() == COUNT
    page.click(".job-hint [id^=close-]")
    page.wait_for_selector(".items")
    assert not page.locator(".job-hint").count()
    page.goto(f"{site.address}/jobs/")
    assert page.locator(".rows .job-done").count() == 1
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
