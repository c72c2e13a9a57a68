"""The settings of the suite, with this app to be migrated."""

from tests import settings as suite

globals().update({name: getattr(suite, name) for name in dir(suite) if name.isupper()})

INSTALLED_APPS = [*suite.INSTALLED_APPS, "tests.moving"]
