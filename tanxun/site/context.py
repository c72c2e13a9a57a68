"""What every template may use: what the settings of the site switch on."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"public_read": settings.PUBLIC_READ, "offers_factor": settings.SECOND_FACTOR, "four_eyes": settings.FOUR_EYES}
