from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class ListingConfig(AppConfig):
    name = "tanxun.listing"
    verbose_name = _("Listing")

    def ready(self) -> None:
        from .checks import list_pages

        checks.register(list_pages)
