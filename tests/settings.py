"""The site's settings for the test suite: own data folder, quick password hashes, plain static names; else as it is."""

import os
import tempfile

if "DATA_DIR" not in os.environ:
    folder = tempfile.TemporaryDirectory(prefix="tanxun-tests-")  # goes with the process
    os.environ["DATA_DIR"] = folder.name
# Each process of a parallel run has a folder of its own in it, and what it starts takes the same one.
if (worker := os.environ.get("PYTEST_XDIST_WORKER", "")) and os.path.basename(os.environ["DATA_DIR"]) != worker:
    os.environ["DATA_DIR"] = os.path.join(os.environ["DATA_DIR"], worker)

# The browser driver keeps an event loop in the thread of the tests; nothing here runs inside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

from tanxun import settings as site

globals().update({name: getattr(site, name) for name in dir(site) if name.isupper()})

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = site.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
SESSION_COOKIE_AGE, SESSION_IDLE_HOURS = 10**9, 10**6  # tests travel in time
JOB_LEASE_SECONDS = 3
