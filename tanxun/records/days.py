"""Days that a record may bear. The ends of the calendar stand for "for ever" or "nothing", and no day is reckoned from them."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FIRST_YEAR, LAST_YEAR = 1990, 2100


def is_likely(day: dt.date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


def check_year(day: dt.date | None) -> None:
    """Raises ValidationError: a validator of form fields."""
    if day and not is_likely(day):
        raise ValidationError(_("Give a year between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR})


def around(day: dt.date, days: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of the span that reaches so many days to either side, as far as the calendar goes."""
    first, last = max(day.toordinal() - days, dt.date.min.toordinal()), min(day.toordinal() + days, dt.date.max.toordinal())
    return dt.date.fromordinal(first), dt.date.fromordinal(last)
