"""What ASVS asks of sign-in, cookies, programs without TLS and the log, and no other test shows (tests/asvs.csv)."""

import logging
import re

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tanxun import settings as shipped
from tests import factory
from tests.reading import read
from tests.running import ROOT
from tests.tokens import bearing, token

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
COMMON = ["password1", "iloveyou", "qwertyuiop", "woaini1314", "1q2w3e4r"]
OURS = ["tanxun2026!", "Carbon-Admin-1", "碳讯碳讯碳讯碳讯", "双碳周报20260116", "ＴＡＮＸＵＮ_2026", "newsletter-1"]


def sign_in(password, name="wang", client=None):
    return (client or Client()).post("/accounts/login/", {"username": name, "password": password})


@pytest.mark.parametrize("password", [*COMMON, *OURS])
def test_passwords_that_anybody_would_try_are_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


LONG = "好 wörter, 64 of them? — " * 4


@pytest.mark.parametrize(
    "password", [LONG, "kiefer und moos", "苔藓与松树在山坡上", "tanxun-kiefer-moos", " leading and trailing "]
)
def test_any_other_password_is_taken_whole(password):
    validate_password(password)
    user = factory.user("reader", username="wang")
    user.set_password(password)
    user.save()
    assert sign_in(password).status_code == 302
    for other in (password[:-1], password.strip() if password != password.strip() else password.swapcase() + "x"):
        assert sign_in(other).status_code == 200


def test_passwords_are_kept_by_argon2():
    assert Argon2PasswordHasher().encode("x", "12345678").startswith("argon2$argon2id$")
    assert shipped.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")


def test_password_fields_hide_and_may_be_filled_in(client):
    pages = [client.get("/accounts/login/").content.decode()]
    client.force_login(factory.user("reader"))
    pages.append(client.get("/accounts/password/").content.decode())
    fields = [
        field for page in pages for field in re.findall(r"<input [^>]*>", page) if "password" in field and "hidden" not in field
    ]
    assert len(fields) == 4
    for field in fields:
        assert 'type="password"' in field
        assert re.search(r'autocomplete="(current|new)-password"', field)
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tanxun" / "static").rglob("*.js"))
    assert "paste" not in scripts.lower()


def test_the_key_of_a_session_cannot_be_guessed():
    """32 signs of 36 that `secrets` draws: 165 bits."""
    factory.user("reader", username="wang")
    keys = set()
    for _time in range(20):
        client = Client()
        sign_in("pass-word-1", client=client)
        keys.add(client.cookies["sessionid"].value)
    assert len(keys) == 20
    assert all(re.fullmatch(r"[a-z0-9]{32}", key) for key in keys)


@pytest.mark.parametrize("address", ["/", "/statements/", "/search/", "/saved/", "/accounts/password/", "/admin/"])
def test_every_page_has_the_way_out(client, address):
    client.force_login(factory.superuser())
    assert re.search(r'<form [^>]*action="/(accounts|admin)/logout/"', client.get(address).content.decode())


def test_signing_out_empties_the_browser(client):
    client.force_login(factory.user("reader"))
    assert client.get("/statements/").headers["Cache-Control"] == "private, no-store"
    assert client.post("/accounts/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_scripts_keep_nothing_but_the_look(client):
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "tanxun" / "static").rglob("*.js")]
    kept = re.findall(r"(?:localStorage|sessionStorage|indexedDB|document\.cookie)[^;\n]*", "\n".join(scripts))
    assert kept
    assert all('Item("theme"' in line for line in kept)
    assert '"historyCacheSize": 0' in read(client, "/statements/")


def test_a_program_without_tls_is_refused_and_not_led_on(settings):
    settings.SECURE_SSL_REDIRECT = True
    asked = Client().get("/api/v1/statements/", headers=bearing(token()))
    assert asked.status_code == 403
    assert "Location" not in asked.headers
    assert asked.json().keys() == {"detail"}
    for address in ("/api/v1/schema/", "/statements.csv"):
        headers = bearing(token()) if address.endswith("csv") else {}
        assert Client().get(address, headers=headers).status_code == 403
    led = Client().get("/statements/?q=a")
    assert (led.status_code, led.url) == (301, "https://testserver/statements/?q=a")


def test_the_log_says_the_zone_of_its_times():
    own = next(one for one in logging.getLogger().handlers if one.name == "console")
    line = own.formatter.format(logging.makeLogRecord({"msg": "x", "asked_by": "", "levelname": "WARNING", "name": "y"}))
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING y", line)


def test_sign_ins_good_and_bad_are_kept(settings):
    settings.AXES_ENABLED = True
    factory.user("reader", username="wang")
    client = Client()
    sign_in("wrong", client=client)
    failed = AccessAttempt.objects.get()
    assert (failed.username, failed.ip_address, failed.failures_since_start) == ("wang", "127.0.0.1", 1)
    assert "wrong" not in failed.post_data
    sign_in("pass-word-1", client=client)
    assert AccessLog.objects.get().username == "wang"
    client.post("/accounts/logout/")
    assert AccessLog.objects.get().logout_time


@pytest.mark.parametrize(("address", "status"), [("/statements.csv", 403), ("/statements/?nonsense=1", 400)])
def test_what_is_refused_stands_in_the_log(client, caplog, address, status):
    client.force_login(factory.user("reader"))
    assert client.get(address).status_code == status
    assert [record for record in caplog.records if record.levelname == "WARNING" and "/statements" in record.getMessage()]
