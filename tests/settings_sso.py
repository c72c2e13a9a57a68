"""The suite's settings with the extra `sso` on: second factors offered, and a company's server that each test stands in for.

uv run --extra sso pytest -n 0 --ds tests.settings_sso tests/sso
"""

import os

os.environ |= {"SECOND_FACTOR": "1", "SSO_URL": "http://127.0.0.1:1", "SSO_CLIENT": "tanxun", "SSO_SECRET": "not a secret"}

from tests import settings as plain

globals().update({name: getattr(plain, name) for name in dir(plain) if name.isupper()})
