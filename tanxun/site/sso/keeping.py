"""How the secrets of second factors are kept: encrypted by a key that comes from SECRET_KEY, so that the database and its
backups alone, which do not hold that key, open no door. Named in the settings; asked by `factor`."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.checks import Warning
from django.db import DatabaseError
from django.utils.translation import gettext as _


class UnreadableError(Exception):
    """It was encrypted with another SECRET_KEY."""


def box() -> MultiFernet:
    """Writes with the key of today, reads those before it, too."""
    return MultiFernet([Fernet(derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def derived(key: str) -> bytes:
    stretched = HKDF(SHA256(), length=32, salt=None, info=b"tanxun second factor").derive(key.encode())
    return base64.urlsafe_b64encode(stretched)


class Sealed(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises UnreadableError."""
        try:
            return box().decrypt(encrypted_text.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise UnreadableError from None

    def get_totp_label(self, user) -> str:
        return user.get_username()


def unreadable(app_configs, databases=None, **kwargs):
    """A check: a site that was restored beside another secret key lets nobody with a second factor in."""
    if "default" not in (databases or []):
        return []
    try:
        row = Authenticator.objects.filter(type=Authenticator.Type.TOTP).order_by("-pk").first()
        if row is not None:
            Sealed().decrypt(row.data["secret"])
    except DatabaseError:  # not migrated, or not reachable
        return []
    except (UnreadableError, KeyError):
        text = _("Second factors were kept with another SECRET_KEY: nobody who has one can sign in.")
        hint = _("Put the old key back, or take the factors away: manage.py take_factor NAME.")
        return [Warning(text, hint=hint, id="tanxun.W006")]
    return []
