"""What every template may use: whether reading needs sign-in, and whether second factors are offered."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"public_read": settings.PUBLIC_READ, "offers_factor": settings.SECOND_FACTOR}
