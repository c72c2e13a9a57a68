"""The site without the extra `sso`: nothing of it is loaded, it says what is missing, and what was left behind does no harm."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tanxun.site import checks, sso, tables
from tests import factory as f
from tests.running import ROOT

CODE = """
import sys
if {hidden}:
    sys.modules["allauth"] = None  # as if it were not installed
import django
django.setup()
from django.test import Client
from django.urls import get_resolver
get_resolver().url_patterns
import tanxun.wsgi
print(sorted(name for name in sys.modules if name.startswith(("allauth", "jwt", "oauthlib", "fido2")) and sys.modules[name]))
"""


def begun(tmp_path, hidden=False, **environment):
    """A process that loads the whole site, and says what it loaded of the extra."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("SSO_", "SECOND_FACTOR"))}
    environment = plain | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tanxun.settings", **environment}
    command = [sys.executable, "-c", CODE.format(hidden=hidden)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.any_engine
@pytest.mark.parametrize("hidden", [True, False])
def test_the_site_as_it_comes_loads_nothing_of_it(tmp_path, hidden):
    done = begun(tmp_path, hidden)
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


WRONG = {
    "the extra is missing": ({"SECOND_FACTOR": "1"}, True, "need the extra sso"),
    "… for the server, too": ({"SSO_URL": "https://id.example"}, True, "need the extra sso"),
    "no secret": ({"SSO_URL": "https://id.example", "SSO_CLIENT": "a"}, False, "SSO_SECRET"),
    "no TLS": ({"SSO_URL": "http://id.example", "SSO_CLIENT": "a", "SSO_SECRET": "b"}, False, "begins with https://"),
    "staff": (
        {"SSO_URL": "https://id.example", "SSO_CLIENT": "a", "SSO_SECRET": "b", "SSO_NEWCOMERS": "editor"},
        False,
        "SSO_NEWCOMERS",
    ),
    "no such role": ({"SECOND_FACTOR_FOR": "boss"}, False, "no such role: boss"),
}


@pytest.mark.any_engine
@pytest.mark.parametrize("case", WRONG)
def test_settings_that_cannot_be_are_refused_at_the_start(tmp_path, case):
    environment, hidden, words = WRONG[case]
    if not hidden:
        pytest.importorskip(
            "allauth", reason="the extra sso is not installed, so that its settings are refused before they are read"
        )
    done = begun(tmp_path, hidden, **environment)
    assert done.returncode == 1
    assert words in done.stderr.splitlines()[-1]


@pytest.fixture
def left(db):
    """A table as the extra leaves it behind, with a factor of somebody."""
    if apps.is_installed("tanxun.site.sso"):
        # Then the table is one of the site's own, and nothing is left behind.
        pytest.skip("the extra sso is on")
    user = f.user("reader", username="wang")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE mfa_authenticator (id integer PRIMARY KEY, type varchar(20) NOT NULL, "
            "user_id bigint NOT NULL REFERENCES site_user (id) DEFERRABLE INITIALLY DEFERRED)"
        )
        cursor.execute("INSERT INTO mfa_authenticator VALUES (1, 'totp', %s)", [user.pk])
    yield user
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE" if connection.vendor == "postgresql" else "SELECT 1")
        cursor.execute("DROP TABLE mfa_authenticator")


def test_a_factor_that_is_not_asked_for_any_more_is_told(left):
    assert sso.left_behind("default") == ["mfa_authenticator"]
    assert [one.id for one in checks.of_factors()] == ["tanxun.W007"]


def test_an_account_can_go_though_something_points_to_it(left):
    with transaction.atomic():
        left.delete()
        connection.check_constraints()
    assert sso.unasked("default") == 0


def test_a_person_is_erased_with_what_was_left_of_them(left):
    """DATA-11"""
    f.superuser()
    call_command("erase_person", "wang", "--yes", "--lang", "en")
    assert sso.unasked("default") == 0


def test_a_restore_empties_what_points_to_accounts(left):
    """All rows go before those of the backup come: a table that no model knows would stand in the way."""
    nothing = tables.Stream((), ())
    connection.check_constraints()  # what the fixture wrote waits for its checks: PostgreSQL empties no such table
    with transaction.atomic():
        tables.replace(lambda model: nothing, "default")
        connection.check_constraints()
    assert sso.unasked("default") == 0


def test_a_copy_says_what_it_cannot_hold(left, tmp_path, capsys):
    connection.check_constraints()
    call_command("backup", str(tmp_path / "site.zip"), lang="en")
    assert "only the extra sso can copy them" in capsys.readouterr().err
    with pytest.raises(CommandError, match="only the extra sso"):
        call_command("dbmove", f"sqlite:///{tmp_path / 'there.sqlite3'}", lang="en")
