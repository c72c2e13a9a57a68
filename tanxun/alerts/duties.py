"""What the alerts do by themselves, every minute: called by every worker (settings.WORKER_DUTIES) and by `send_alerts`."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.utils.module_loading import import_string

from .sending import Go, send_all

log = logging.getLogger(__name__)
# In this order: first what puts messages into the outbox, f() -> None. Safe to run many times at once.
PLANNERS: tuple[str, ...] = (
    "tanxun.alerts.broken.plan",
    "tanxun.alerts.planning.plan",
    "tanxun.alerts.exporting.plan",
    "tanxun.alerts.hooks.events.plan",
)


def run(go_on: Go = lambda: True) -> int:
    """One round. A planner that fails keeps neither the others nor the sending from their work. Returns how many went out."""
    for name in PLANNERS:
        if go_on():
            attempt(import_string(name))
    return send_all(go_on)


def attempt(planner: Callable[..., None], *of: object) -> None:
    """Planners do it again for each person or hook: what goes wrong with one is nobody else's loss."""
    try:
        planner(*of)
    except Exception:
        log.exception("%s failed %s; it is tried again in a minute", planner.__module__, of[:1])
