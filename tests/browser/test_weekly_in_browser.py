"""The main job as a person does it: sign in, paste an issue, review it by keyboard, find a statement, its company, its sheet."""

import python_calamine

from tanxun.site.samples import sample_issues
from tests.browser.conftest import context_of

ISSUE = sample_issues()[0][1].decode()


def bring_in(page, site, text):
    page.goto(f"{site.address}/review/")
    page.fill("textarea[name=text]", text)
    page.click("form.incoming button.primary")
    page.wait_for_selector(".desk")
    page.wait_for_load_state()  # the keys need the script


def test_from_pasted_issue_to_downloaded_sheet(page, site, tmp_path):
    bring_in(page, site, ISSUE)
    assert page.locator(".items li.item").count() == 9

    # The keys: E goes into the form, and lights the words of the field in focus; letters typed there are letters.
    page.keyboard.press("e")
    assert page.evaluate("document.activeElement.closest('#entry') !== null")
    page.locator("#entry [name=headline]").focus()
    assert page.locator(".source mark.lit").count() >= 1
    page.keyboard.press("End")
    page.keyboard.type("a")
    assert page.locator("#entry [name=headline]").input_value().endswith("a")
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")

    # Down and up, skip the last one, accept the others.
    first = page.url
    page.keyboard.press("ArrowDown")
    page.wait_for_function("first => location.href !== first", arg=first)
    page.keyboard.press("ArrowUp")
    page.wait_for_selector(".items li.item:nth-of-type(2) a[aria-current=true]")
    for number in range(8):
        page.keyboard.press("a")
        page.wait_for_function("done => document.querySelectorAll('.items li.accepted').length === done", arg=number + 1)
    page.keyboard.press("s")
    page.wait_for_selector(".items li.rejected")
    assert page.locator(".items li.pending").count() == 0

    # Find it in the list, open its company.
    page.goto(f"{site.address}/statements/?issued_after=2026-01-16&issued_before=2026-01-16")
    assert page.locator("table.list tbody tr").count() == 4
    page.goto(f"{site.address}/statements/?body=undisclosed")
    assert "未披露" in page.locator("table.list tbody").inner_text()
    page.goto(f"{site.address}/statements/?q=亚旭")
    page.click("table.list tbody tr a >> nth=0")
    assert "亚旭电子科技江苏有限公司" in page.locator("main").inner_text()

    # The sheet holds what the list shows.
    page.goto(f"{site.address}/statements/?body=tuv-rheinland")
    shown = page.locator("table.list tbody tr").count()
    with page.expect_download() as download:
        page.click("a[href*='.xlsx']")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert len(rows) - 1 == shown == 2
    assert {row[rows[0].index("发证/核查机构")] for row in rows[1:]} == {"TÜV莱茵"}


def test_going_on_with_something_typed_asks_first(browser, sessions, site):
    context = context_of(browser, sessions, "admin")
    page, asked = context.new_page(), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    items = (
        f"{name}:出台样例方案\n{name}市人民政府3月2日印发《{name}样例方案》。推动零碳园区建设。\n" for name in ("太仓", "常熟")
    )
    bring_in(page, site, "\n".join(["地方动态\n", *items]))
    here = page.url
    page.locator("#entry [name=headline]").fill("改过的标题")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url == here
    assert page.locator("#entry [name=headline]").input_value() == "改过的标题"
    page.keyboard.press("a")  # sending it is no leaving
    page.wait_for_selector(".items li.accepted")
    assert asked == ["beforeunload"]
    context.close()


def test_what_was_typed_survives_a_refusal(page, site):
    page.goto(f"{site.address}/review/")
    page.fill("textarea[name=text]", "!!!")
    page.click("form.incoming button.primary")
    page.wait_for_selector(".error")
    assert page.input_value("textarea[name=text]") == "!!!"


def test_the_same_text_twice_adds_nothing(page, site):
    text = "行业动态\n\n晨曦电池:完成碳盘查\n近日,江苏晨曦样例电池有限公司取得SGS颁发的温室气体核查声明。\n"
    bring_in(page, site, text)
    before = page.url.split("?")[0]
    bring_in(page, site, text + "\n\n")
    assert page.url.split("?")[0] == before
    assert page.locator(".items li.item").count() == 1


def test_markup_in_a_newsletter_stays_text(page, site):  # NWS-05
    evil = "<img src=x onerror=alert(1)>"
    headline = f"昆山:{evil}样例方案出台"
    text = f"地方动态\n\n{headline}\n昆山市人民政府3月2日印发《{evil}样例行动方案》。{evil}推动零碳园区建设。\n"
    bring_in(page, site, text)
    assert "onerror" in page.locator("main").inner_text()
    page.keyboard.press("a")
    page.wait_for_selector(".items li.accepted")
    page.goto(f"{site.address}/policies/")
    assert "onerror" in page.locator("main").inner_text()
