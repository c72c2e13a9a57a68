from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_delete, pre_migrate
from django.utils.translation import gettext_lazy as _


class SiteConfig(AppConfig):
    name = "tanxun.site"
    verbose_name = _("Site")

    def ready(self):
        from tanxun import databases
        from tanxun.records import sealing

        from . import checks, roles, sessions, sso, tables

        pre_migrate.connect(databases.take_time, sender=self, dispatch_uid="tanxun.take_time")
        post_migrate.connect(databases.be_quick, sender=self, dispatch_uid="tanxun.be_quick")
        pre_migrate.connect(tables.remember_keys, sender=self, dispatch_uid="tanxun.remember_keys")
        post_migrate.connect(tables.give_no_key_again, sender=self, dispatch_uid="tanxun.give_no_key_again")
        pre_migrate.connect(sealing.unseal, sender=self, dispatch_uid="tanxun.unseal")
        post_migrate.connect(sealing.seal, sender=self, dispatch_uid="tanxun.seal")
        post_migrate.connect(roles.make_roles, sender=self, dispatch_uid="tanxun.roles")
        pre_delete.connect(sso.forget, sender=self.get_model("User"), dispatch_uid="tanxun.forget")
        user_logged_in.connect(sessions.begin, dispatch_uid="tanxun.session")
        register(checks.ground, Tags.database)
        register(checks.sample_accounts, Tags.security, deploy=True)
