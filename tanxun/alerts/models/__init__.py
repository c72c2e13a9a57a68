"""What the alerts keep: the outbox that every mail and every hook goes through."""

from .outbox import OPEN, Channel, Message, State

__all__ = ["OPEN", "Channel", "Message", "State"]
