"""How the secrets of second factors are kept: encrypted by a key that comes from SECRET_KEY, so that the database and its
backups alone, which do not hold that key, open no door. Named in the settings; asked by `factor`."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.checks import Info, Warning
from django.db import DatabaseError
from django.utils.translation import gettext as _


class UnreadableError(Exception):
    """It was encrypted with another SECRET_KEY."""


def box() -> MultiFernet:
    """Writes with the key of today, reads those before it, too."""
    return MultiFernet([Fernet(derived(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def renew_key(row: Authenticator) -> None:
    """Encrypt anew with the key of today what was with one before it. Raises UnreadableError. Called with the row locked."""
    for name in {"secret", "seed"} & row.data.keys():
        if not is_of_today(row.data[name]):
            row.data[name] = get_adapter().encrypt(get_adapter().decrypt(row.data[name]))
            row.save()


def is_of_today(text: str) -> bool:
    try:
        Fernet(derived(settings.SECRET_KEY)).decrypt(text.encode())
    except (InvalidToken, UnicodeError):
        return False
    return True


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
    """A check: a site that was restored beside another secret key lets nobody with a second factor in. And whether a key that was
    replaced can go."""
    if "default" not in (databases or []):
        return []
    try:
        kept = [row.data.get("secret", "") for row in Authenticator.objects.filter(type=Authenticator.Type.TOTP)]
    except DatabaseError:  # not migrated, or not reachable
        return []
    before = [text for text in kept if not is_of_today(text)]
    try:
        for text in before:
            Sealed().decrypt(text)
    except UnreadableError:
        text = _("Second factors were kept with another SECRET_KEY: nobody who has one can sign in.")
        hint = _("Put the old key back, or take the factors away: manage.py take_factor NAME.")
        return [Warning(text, hint=hint, id="tanxun.W006")]
    if before:
        text = _("%(count)s second factors are kept with a key of SECRET_KEY_FALLBACKS, until they are used next.")
        return [Info(text % {"count": len(before)}, hint=_("Leave that key there until then."), id="tanxun.I001")]
    return []
