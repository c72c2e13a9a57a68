"""The documented client in Python and the line with curl, run against a live server; what no client in the process can send."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from tests import factory as f
from tests.api_client import rows
from tests.running import ROOT
from tests.tokens import token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def api(live_server, settings):
    settings.SITE_URL = live_server.url
    return f"{live_server.url}/api/v1"


def test_the_documented_client_reads_a_list_to_its_end(api):
    label, soon = f.statement_type("carbon_label"), timezone.localdate() + timedelta(days=20)
    company = f.company("苏州样例科技")
    for _number in range(60):
        f.statement(company=company, statement_type=label, valid_until=soon)
    f.statement(company=company)
    done = subprocess.run(
        [sys.executable, "tests/api_client.py"],
        cwd=ROOT,
        env=os.environ | {"API": api, "TOKEN": token(), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(set(lines)) == 60
    assert all(line.startswith(f"{soon} 苏州样例科技 http") for line in lines)


def test_a_refusal_reaches_it_in_words(api):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        list(rows(f"{api}/statements/?per_page=7", token()))
    assert (refusal.value.code, list(json.load(refusal.value))) == (400, ["per_page"])


@pytest.mark.program("curl")
def test_the_line_with_curl(api):
    f.statement()
    command = ["curl", "-sS", "-H", f"Authorization: Bearer {token()}", f"{api}/statements/?sort=-dated_on"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert found["count"] == 1


def test_two_headers_open_nothing(api):
    """API-08: which of them should count? One of them was not meant."""
    text, place = token(), urlsplit(api)
    lines = [f"GET {place.path}/statements/ HTTP/1.1", f"Host: {place.netloc}", *[f"Authorization: Bearer {text}"] * 2]
    with socket.create_connection((place.hostname, place.port), 20) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401")
