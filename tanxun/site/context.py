"""What every template may use: the site's address and whether reading needs sign-in."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {"site_url": settings.SITE_URL, "public_read": settings.PUBLIC_READ}
