"""Scans as a person brings them: chosen in the browser's dialog, downloaded whole, removed, put back; without scripts, too."""

import pytest

from tests.attaching import JPEG, PDF


@pytest.fixture
def scans(tmp_path):
    """Two files on the disk of whoever brings them, and one that is no scan."""
    contents = {"核查声明 2025.pdf": PDF + b"%" * 300_000, "page-2.jpg": JPEG + bytes(1000), "页面.pdf": b"<html><script>x"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path, contents


def choose(page, *paths):
    with page.expect_file_chooser() as chooser:
        page.click("#attachment-files")
    assert chooser.value.is_multiple()
    chooser.value.set_files(paths)


@pytest.mark.parametrize(("scripts", "record"), [(True, "certifications:statement"), (False, "policies:policy")])
def test_scans_are_attached_downloaded_removed_and_put_back(open_as, filled, scans, scripts, record):
    folder, contents = scans
    page = open_as("walk-editor", java_script_enabled=scripts)
    place = filled.address + filled.addresses[record]
    page.goto(place)
    page.click("#attachments summary")
    first, second, wrong = contents
    choose(page, folder / first, folder / second)
    page.fill("#attachments [name=note]", "原件")
    page.select_option("#attachments [name=audience]", "team")
    page.click("#attachments button.primary")
    page.wait_for_url(f"{place}#attachments")
    for name in (first, second):
        with page.expect_download() as download:
            page.click(f"#attachments a:has-text('{name}')")
        assert download.value.suggested_filename == name
        assert download.value.path().read_bytes() == contents[name]

    page.goto(f"{place}attachments/")
    choose(page, folder / wrong)
    page.fill(".detail > .stack:last-child [name=note]", "不是扫描件")
    page.click(".detail > .stack:last-child button.primary")
    page.wait_for_selector("[role=alert] .error")
    assert wrong in page.locator("[role=alert]").inner_text()
    assert page.input_value(".detail > .stack:last-child [name=note]") == "不是扫描件"

    page.goto(f"{place}attachments/")
    row = page.locator("li", has=page.locator(f"a:has-text('{second}')"))
    row.locator("details:has([name=reason]) > summary").click()
    row.locator("[name=reason]").fill("重复")
    row.locator("button[value=remove]").click()
    page.wait_for_selector(f"li:has-text('{second}'):has(button[value=restore])")
    assert page.locator(f"a:has-text('{second}')").count() == 0
    page.locator(f"li:has-text('{second}') button[value=restore]").click()
    page.wait_for_selector(f"a:has-text('{second}')")


def test_a_consultant_sees_what_is_for_the_team_and_no_form(open_as, filled, scans):
    folder, _contents = scans
    editor, consultant, reader = (open_as(f"walk-{role}") for role in ("editor", "consultant", "reader"))
    place = filled.address + filled.addresses["certifications:company"]
    editor.goto(place)
    editor.click("#attachments summary")
    choose(editor, folder / "page-2.jpg")
    editor.select_option("#attachments [name=audience]", "team")
    editor.click("#attachments button.primary")
    editor.wait_for_url(f"{place}#attachments")
    for page, sees in ((consultant, 1), (reader, 0)):
        page.goto(place)
        assert page.locator("#attachments a:has-text('page-2.jpg')").count() == sees
        assert page.locator("#attachment-files").count() == 0
