"""Hooks for the tests: made as managers make them, planned and sent as a worker does."""

import json

from django.utils import timezone

from tanxun.alerts.hooks.events import beginning, plan
from tanxun.alerts.models import Event, Hook, Message
from tanxun.alerts.sending import send_all
from tests import factory


def hook(url, format="webhook", events=tuple(Event.values), **kwargs):
    kwargs.setdefault("owner", None)
    kwargs["owner"] = kwargs["owner"] or factory.user("manager")
    secret = kwargs.pop("secret", "s3cret" if format == "webhook" else "")
    return Hook.objects.create(
        name="群", format=format, address=url, secret=secret, events=list(events), marks=beginning(), **kwargs
    )


def round_of_duties():
    """What a worker does in one minute. Returns how many messages went out."""
    plan()
    return send_all()


def told(receiver):
    """The JSON bodies that came, in order."""
    return [json.loads(body) for _method, _path, _headers, body in receiver.requests]


def hurry():
    """As if the pauses were over."""
    Message.objects.update(not_before=None, leased_until=timezone.now() - timezone.timedelta(hours=1))
