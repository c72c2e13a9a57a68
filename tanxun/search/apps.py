from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    name = "tanxun.search"
    verbose_name = _("Search")

    def ready(self) -> None:
        from . import index, watch

        watch.start()
        post_migrate.connect(index.leave_to_worker, sender=self, dispatch_uid="search")
