"""An import of a newsletter that is killed at any moment leaves all of its drafts or nothing; the next run makes it whole."""

import time

import pytest

from tests.commanded import Site
from tests.effort import examples

ITEMS = examples(120, 500)
COUNTS = "__import__('tanxun.digest.models').digest.models.Newsletter.objects.count(), " + (
    "__import__('tanxun.digest.models').digest.models.Draft.objects.count()"
)


@pytest.mark.django_db  # for the database that is copied
def test_killed_at_any_moment_there_are_all_drafts_or_none(blank, tmp_path):
    """NWS-10"""
    site = Site(tmp_path / "site", like=blank)
    issue = tmp_path / "issue.txt"
    items = "".join(
        f"第{number}家:获产品碳足迹核查声明\n\n近日,苏州星河{number}号家电有限公司的洗衣机获得SGS颁发的产品碳足迹核查声明。\n\n"
        for number in range(ITEMS)
    )
    issue.write_text(f"碳讯丨测试周报第九期\n\n01. 行业动态\n\n{items}", encoding="utf-8")
    begun = time.monotonic()
    other = Site(tmp_path / "other", like=blank)
    other.manage("import_newsletter", issue)
    whole = time.monotonic() - begun
    for part in (0.5, 0.7, 0.85, 0.95):
        process = site.begin("import_newsletter", issue)
        time.sleep(whole * part)
        process.kill()
        process.communicate()
        assert site.ask(COUNTS) in ("0 0", f"1 {ITEMS}")
    site.manage("import_newsletter", issue)
    assert site.ask(COUNTS) == f"1 {ITEMS}" == other.ask(COUNTS)
