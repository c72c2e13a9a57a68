from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class SsoConfig(AppConfig):
    name = "tanxun.site.sso"
    label = "sso"
    verbose_name = _("Signing in")

    def ready(self):
        from .keeping import unreadable

        register(unreadable, Tags.database)
