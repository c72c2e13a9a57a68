from django.apps import AppConfig
from django.core import checks
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class ListingConfig(AppConfig):
    name = "tanxun.listing"
    verbose_name = _("Listing")

    def ready(self) -> None:
        from .checks import list_pages
        from .freshness import watch

        checks.register(list_pages)
        connection_created.connect(watch, dispatch_uid="tanxun.listing.freshness")
