"""Messages to somebody ("Saved.") that stand until the next page: in a cookie, as Django keeps them, and behind https one that is
shut in like the others. Named in the settings."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class ShutIn(CookieStorage):
    cookie_name = "__Host-messages" if settings.SESSION_COOKIE_SECURE else "messages"


class Messages(FallbackStorage):
    """What does not fit into the cookie goes into the session."""

    storage_classes = (ShutIn, SessionStorage)
