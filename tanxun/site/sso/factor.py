"""A person's second factor: six digits from a program on their phone (TOTP, RFC 6238), ten recovery codes for when it is lost.

Rows, keys and recovery codes are allauth's. What it leaves to a cache, which each process has for itself, stands in the row
here, under its lock: that a code counts once, and that guessing ends. Asked by `steps`, `views`, `admin` and `take_factor`.
"""

import hmac
import logging
import re
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt, encrypt
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tanxun.alerts import notices
from tanxun.site import sessions

from .keeping import UnreadableError, renew_key

log = logging.getLogger(__name__)
SECONDS = 30  # how long a code holds
DRIFT = 1  # so many codes before and after are taken, too: clocks of phones differ
FEW_CODES = 3  # fewer are too few
MOST_WRONG = 5
CLOSED_SECONDS = 15 * 60
TURNED_OFF = _("The second factor of your account was turned off.")
TAKEN_AWAY = _("An administrator took the second factor of your account away.")
BY_CLOCK, BY_LIST = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


class ClosedError(Exception):
    """Too many wrong codes: none is looked at for a while, not even the right one."""


def is_required(user) -> bool:
    """Whether the settings let nobody of this role do anything without."""
    return user.role in settings.SECOND_FACTOR_FOR or (user.is_superuser and "superuser" in settings.SECOND_FACTOR_FOR)


def of(user) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, type=BY_CLOCK).first()


def new_secret() -> str:
    return generate_totp_secret()


def matching_step(secret: str, code: str, after: int = 0) -> int | None:
    """The time step, later than `after`, whose code this is."""
    now = int(time.time()) // SECONDS
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > after and hmac.compare_digest(format_hotp_value(hotp_value(secret, step)), code):
            return step
    return None


def digits(code: str) -> str:
    """As people copy it: with blanks or dashes in it."""
    plain = re.sub(r"[\s\-]", "", code)
    return plain if plain.isascii() and plain.isdigit() else ""


@transaction.atomic
def turn_on(user, secret: str, code: str, here: str) -> list[str]:
    """The recovery codes, which are shown this once; [] where the code is not of this secret, or a factor is on already.

    Whatever changes a factor ends the sessions of the person but `here`, the one that asks for it.
    """
    user.__class__.objects.select_for_update().get(pk=user.pk)  # of two clicks the second finds it on
    step = matching_step(secret, digits(code))
    if step is None or of(user):
        return []
    row = TOTP.activate(user, secret).instance
    row.data["step"] = step
    row.save()
    tell(user, _("A second factor was turned on for your account."))
    sessions.end(user, but=here)
    return renew(user)


@transaction.atomic
def renew(user) -> list[str]:
    """Ten recovery codes in place of those before."""
    Authenticator.objects.filter(user=user, type=BY_LIST).delete()
    return RecoveryCodes.activate(user).generate_codes()


@transaction.atomic
def new_codes(user, here: str) -> list[str]:
    sessions.end(user, but=here)
    tell(user, _("New recovery codes were made for your account: those before open nothing any more."))
    return renew(user)


def codes_left(user) -> int:
    row = Authenticator.objects.filter(user=user, type=BY_LIST).first()
    return len(RecoveryCodes(row).get_unused_codes()) if row else 0


@transaction.atomic
def is_right(user, code: str) -> bool:
    """Whether this code, of either kind, is theirs and was never used; it counts once. Raises ClosedError, UnreadableError.

    The row is locked: of two that come at once with the same code one gets in.
    """
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=user).order_by("pk")}
    if not (main := rows.get(BY_CLOCK)):
        return False
    if main.data.get("closed_until", 0) > time.time():
        raise ClosedError
    for row in rows.values():
        renew_key(row)
    plain = digits(code)
    step = matching_step(decrypt(main.data["secret"]), plain, main.data.get("step", 0))
    if step is not None:
        main.data["step"] = step
    elif not (BY_LIST in rows and plain and RecoveryCodes(rows[BY_LIST]).validate_code(plain)):
        count_wrong(user, main)
        return False
    main.data["wrong"] = 0
    main.save()
    main.record_usage()
    return True


def count_wrong(user, row: Authenticator) -> None:
    """After a few, the door is shut for a while, and the person told: whoever came so far knows the password."""
    row.data["wrong"] = row.data.get("wrong", 0) + 1
    log.warning("wrong code of a second factor: user=%s", user.pk)
    if row.data["wrong"] >= MOST_WRONG:
        row.data |= {"wrong": 0, "closed_until": time.time() + CLOSED_SECONDS}
        log.warning("second factor closed for a while: user=%s", user.pk)
        tell(user, _("Somebody who knows your password tried several wrong codes. If that was not you, change the password now."))
    row.save()


@transaction.atomic
def take_away(user, words=TAKEN_AWAY, here: str = "") -> bool:
    """Without asking for a code: whoever calls has asked, or is an administrator. False where there was none."""
    gone, _kinds = Authenticator.objects.filter(user=user).delete()
    if gone:
        log.warning("second factor taken away: user=%s", user.pk)
        sessions.end(user, but=here)
        tell(user, words)
    return bool(gone)


def tell(user, words) -> None:
    log.info("%s user=%s", words, user.pk)
    notices.tell(user, words)


def sealed(user, secret: str) -> str:
    """A secret on its way through a form: nobody else's form, and read by nobody on the way."""
    return encrypt(f"{user.pk}:{secret}")


def unsealed(user, text: str) -> str:
    """Empty for what is not of this person."""
    try:
        owner, _colon, secret = decrypt(text).partition(":")
    except UnreadableError:
        return ""
    return secret if owner == str(user.pk) else ""
