"""A site started for real and a headless Chromium, once for all browser tests of a worker."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tanxun.site.samples import SAMPLE_FOLDER
from tests.running import RunningSite

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def site(django_db_setup, django_db_blocker):
    """A running site with reference data, an administrator, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="tanxun-browser-") as folder, RunningSite(Path(folder), "--no-sample") as running:
        yield running


@pytest.fixture(scope="module")
def filled(site):
    """The site with one sample issue accepted."""
    done = site.manage("import_newsletter", str(sorted(SAMPLE_FOLDER.glob("*.txt"))[-1]), "--accept-all")
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed, and CI must not skip")
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


def is_fault(message) -> bool:
    """Errors on the console, but for the status of a page that is meant to refuse."""
    return message.type == "error" and not message.text.startswith(
        "Failed to load resource: the server responded with a status of 4"
    )


@pytest.fixture
def page(browser, site):
    """A fresh, signed-in page that fails the test on any script error or refusal by the content security policy."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda message: problems.append(message.text) if is_fault(message) else None)
    opened.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
    opened.goto(f"{site.address}/accounts/login/")
    opened.fill("[name=username]", "admin")
    opened.fill("[name=password]", site.accounts["admin"])
    opened.press("[name=password]", "Enter")
    opened.wait_for_url(f"{site.address}/")
    yield opened
    context.close()
    assert not problems
