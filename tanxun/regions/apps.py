from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    name = "tanxun.regions"
    verbose_name = _("Regions")

    def ready(self) -> None:
        from .words import add_to_connection

        connection_created.connect(add_to_connection, dispatch_uid="tanxun.regions.words")
