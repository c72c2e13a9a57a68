"""What the alerts keep: what people follow, the hooks, and the outbox that every mail and every hook goes through."""

from .exports import ScheduledExport
from .hooks import Event, Format, Hook
from .outbox import OPEN, Channel, Message, State
from .subscriptions import SUBSCRIBE_PERMISSION, Cadence, Mailbox, Reminded, Subscription

__all__ = [
    "OPEN",
    "SUBSCRIBE_PERMISSION",
    "Cadence",
    "Channel",
    "Event",
    "Format",
    "Hook",
    "Mailbox",
    "Message",
    "Reminded",
    "ScheduledExport",
    "State",
    "Subscription",
]
