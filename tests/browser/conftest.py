"""A site started for real and a headless Chromium, once for all browser tests of a worker; one sign-in for each account."""

import json
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tanxun.site.samples import SAMPLE_FOLDER
from tests.browser.records import PASSWORD, PENDING
from tests.conftest import need
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
MAIL = "dummymail://"  # nobody gets them; the pages are those of a site that sends mails
# Violations that are only reported count too.
WATCH = """addEventListener("securitypolicyviolation", (event) =>
    console.error("content security policy:", event.disposition, event.violatedDirective, event.blockedURI, event.sample))"""


@pytest.fixture(scope="session")
def site(blank):
    """A running site with reference data, an administrator, and nothing else."""
    with (
        tempfile.TemporaryDirectory(prefix="tanxun-browser-") as folder,
        RunningSite(Path(folder), "--no-sample", like=blank, EMAIL_URL=MAIL) as running,
    ):
        yield running


def run(site, *arguments):
    done = site.manage(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def fill(site, folder, then=""):
    """One sample issue accepted, one that waits for review, and the records of `records.enter`; then some code more."""
    pending = folder / "pending.txt"
    pending.write_text(PENDING)
    run(site, "import_newsletter", str(sorted(SAMPLE_FOLDER.glob("*.txt"))[-1]), "--accept-all")
    run(site, "import_newsletter", str(pending))
    code = f"from tests.browser.records import enter, print_addresses; enter(); print_addresses(); {then}"
    site.addresses = json.loads(run(site, "shell", "-v", "0", "-c", code))


@pytest.fixture(scope="session")
def filled(site, tmp_path_factory):
    fill(site, tmp_path_factory.mktemp("issue"))
    return site


@pytest.fixture(scope="session")
def browser():
    need("Chromium", CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


def is_fault(message) -> bool:
    """Errors on the console, but for the status of a page that is meant to refuse."""
    refused = "Failed to load resource: the server responded with a status of "
    return message.type == "error" and not (
        message.text.startswith(f"{refused}4") or message.location["url"].endswith("/broken/")
    )


def signing_in(browser, site):
    """`f(name)` is the state of a browser in which that account is signed in; "" for nobody."""
    kept = {"": None}

    def signed_in(name):
        if name not in kept:
            context = browser.new_context()
            page = context.new_page()
            page.goto(f"{site.address}/accounts/login/")
            page.fill("[name=username]", name)
            page.fill("[name=password]", site.accounts.get(name, PASSWORD))
            page.press("[name=password]", "Enter")
            page.wait_for_url(f"{site.address}/")
            kept[name] = context.storage_state()
            context.close()
        return kept[name]

    return signed_in


@pytest.fixture(scope="session")
def sessions(browser, site):
    return signing_in(browser, site)


def context_of(browser, sessions, name, **options):
    """A window of its own in which that account is signed in."""
    wanted = {"viewport": {"width": 1440, "height": 900}, "accept_downloads": True} | options
    context = browser.new_context(storage_state=sessions(name), **wanted)
    context.add_init_script(WATCH)
    context.set_default_timeout(15_000)
    return context


@contextmanager
def watching():
    """Gives `watched(page)`: any script error, dialog or refusal by the content security policy on it is a fault of the test."""
    problems = []

    def watched(page):
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if is_fault(message) else None)
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        return page

    yield watched
    assert not problems


@contextmanager
def page_in(context):
    """A new page in a window that tests share: what all pages have in common is fetched once. It is `watched`."""
    with watching() as watched:
        page = watched(context.new_page())
        yield page
        page.close()


@contextmanager
def opening(browser, sessions):
    """Gives `f(name)`: a page, in a window of its own, of that account. It is `watched`."""
    contexts = []

    def opened(name, **options):
        contexts.append(context_of(browser, sessions, name, **options))
        return watched(contexts[-1].new_page())

    with watching() as watched:
        yield opened
        for context in contexts:
            context.close()


@pytest.fixture
def open_as(browser, sessions):
    with opening(browser, sessions) as opened:
        yield opened


@pytest.fixture(scope="module")
def window(browser, sessions):
    """One window of the administrator for all tests of a file."""
    context = context_of(browser, sessions, "admin")
    yield context
    context.close()


@pytest.fixture
def page_in_window(window):
    with page_in(window) as page:
        yield page


@pytest.fixture
def page(open_as, site):
    """A page on which the administrator is signed in."""
    opened = open_as("admin")
    opened.goto(f"{site.address}/")
    return opened
