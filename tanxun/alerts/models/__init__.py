"""What the alerts keep: what people follow, and the outbox that every mail and every hook goes through."""

from .exports import ScheduledExport
from .outbox import OPEN, Channel, Message, State
from .subscriptions import SUBSCRIBE_PERMISSION, Cadence, Mailbox, Reminded, Subscription

__all__ = [
    "OPEN",
    "SUBSCRIBE_PERMISSION",
    "Cadence",
    "Channel",
    "Mailbox",
    "Message",
    "Reminded",
    "ScheduledExport",
    "State",
    "Subscription",
]
