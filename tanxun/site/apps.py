from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "tanxun.site"
    verbose_name = _("Site")

    def ready(self):
        from . import checks, roles

        post_migrate.connect(roles.make_roles, sender=self, dispatch_uid="tanxun.roles")
        register(checks.ground, Tags.database)
        register(checks.sample_accounts, Tags.security, deploy=True)
