"""The whole way in Chromium: over the company's server, a second factor turned on, asked for, and every page in both looks.

Under the strict content security policy: a refusal on any page is a fault.
"""

import re
import tempfile
from pathlib import Path

import pytest

from tests.browser.conftest import MAIL, browser, opening  # noqa: F401 - a fixture
from tests.browser.test_pages_in_browser import check
from tests.running import RunningSite
from tests.sso import code_of, needed

needed()
pytestmark = pytest.mark.any_engine


@pytest.fixture
def company():
    from tests.sso.company import Company

    with Company() as running:
        yield running


@pytest.fixture
def site(blank, company):
    from tests.sso.company import CLIENT, SECRET

    server = {"SSO_URL": company.url, "SSO_CLIENT": CLIENT, "SSO_SECRET": SECRET, "SSO_NEWCOMERS": "consultant"}
    more = {"SECOND_FACTOR": "1", "EMAIL_URL": MAIL}
    with tempfile.TemporaryDirectory(prefix="tanxun-sso-") as folder:
        running = RunningSite(Path(folder), "--no-sample", like=blank, **server, **more)
        running.environment["SITE_URL"] = running.address
        with running:
            yield running


def test_the_whole_way(browser, site, company):  # noqa: F811 - the fixture
    """SEC-26"""
    with opening(browser, lambda name: None) as opened:
        page = opened("")
        page.goto(f"{site.address}/accounts/login/?next=/policies/")
        check(page)
        page.click("form[action='/accounts/company/'] button")
        page.wait_for_url(f"{site.address}/policies/")
        assert company.asked.index("/authorize") < company.asked.index("/token")

        page.goto(f"{site.address}/accounts/factor/")
        secret = page.inner_text("code.secret")
        page.fill("[name=code]", "000000")
        page.click("button[value=on]")
        page.wait_for_selector(".error")
        assert page.inner_text("code.secret") == secret  # not another picture to scan
        check(page)
        page.fill("[name=code]", code_of(secret))
        page.click("button[value=on]")
        page.wait_for_selector("ul.codes")
        codes = page.locator("ul.codes code").all_inner_texts()
        assert len(set(codes)) == 10
        check(page)
        page.click("main a.button.primary")
        page.wait_for_selector("button[value=off]")
        check(page)

        page.click("summary.avatar")
        page.click("form[action='/accounts/logout/'] button")
        page.wait_for_url(re.compile("/accounts/login/"))
        page.click("form[action='/accounts/company/'] button")
        page.wait_for_url(f"{site.address}/accounts/code/")
        page.fill("[name=code]", "000000")
        page.press("[name=code]", "Enter")
        page.wait_for_selector(".error")
        check(page)
        page.fill("[name=code]", codes[0])
        page.press("[name=code]", "Enter")
        page.wait_for_url(f"{site.address}/")


def test_without_script_the_way_is_the_same(browser, site):  # noqa: F811 - the fixture
    with opening(browser, lambda name: None) as opened:
        page = opened("", java_script_enabled=False)
        page.goto(f"{site.address}/accounts/login/")
        page.click("form[action='/accounts/company/'] button")
        page.wait_for_url(f"{site.address}/")
        page.goto(f"{site.address}/accounts/factor/")
        assert page.locator("img.qr").evaluate("(picture) => picture.naturalWidth") > 0
