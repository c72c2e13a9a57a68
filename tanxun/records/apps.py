from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "tanxun.records"
    verbose_name = _("Records")

    def ready(self):
        from simple_history.signals import pre_create_historical_record

        from .proposals import sign_entry

        pre_create_historical_record.connect(sign_entry, dispatch_uid="tanxun.signed")
