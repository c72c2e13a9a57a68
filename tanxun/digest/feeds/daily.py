"""Once a day every active feed is read, by whichever worker comes first. One of settings.WORKER_DUTIES."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ..sources import SourceError
from .intake import take_source
from .models import FeedSource

log = logging.getLogger(__name__)
PAUSE = dt.timedelta(hours=24)


def read_due(go_on: Callable[[], bool] = lambda: True) -> None:
    """In the thread of a worker, whose connection may have been lost since the last round."""
    if settings.FEED_FETCH:
        close_old_connections()
        read_all(go_on)


def read_all(go_on: Callable[[], bool] = lambda: True) -> None:
    """Every feed that is due. What fails is asked again tomorrow, or by hand; its reason stands on the page."""
    while go_on() and (source := take()):
        try:
            take_source(source, None)
        except SourceError as error:
            log.info("Feed %s could not be read: %s", source.pk, error)
        except Exception:  # a fault of ours in one feed holds up no other
            log.exception("Feed %s broke off", source.pk)
            FeedSource.objects.filter(pk=source.pk).update(
                error=_("A fault of the program: give whoever runs the site this line.")
            )


def take() -> FeedSource | None:
    """A feed that is due, and ours: two workers never ask for the same one."""
    now = timezone.now()
    due = FeedSource.objects.filter(Q(asked_at=None) | Q(asked_at__lte=now - PAUSE), is_active=True)
    for key in due.order_by("pk").values_list("pk", flat=True):
        if due.filter(pk=key).update(asked_at=now):
            return FeedSource.objects.get(pk=key)
    return None
