"""Second factors and the company's sign-in server, tried with real parts: an OpenID Connect server, codes reckoned apart."""

import base64
import hmac
import struct
import time

import pytest
from django.apps import apps


def needed():
    """Called at the head of each module: a skip that says how to run it, where the extra is not on."""
    if not apps.is_installed("tanxun.site.sso"):
        reason = "the extra sso is off: uv run --extra sso pytest -n 0 --ds tests.settings_sso tests/sso"
        pytest.skip(reason, allow_module_level=True)  # it brings models: no test can switch those within one process


def code_of(secret, steps=0):
    """What the program on a phone shows for that secret now, or `steps` half minutes away (RFC 4226, RFC 6238)."""
    key = base64.b32decode(secret.replace(" ", ""))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1")
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
