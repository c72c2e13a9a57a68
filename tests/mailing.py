"""A real mail server on loopback for the tests of alerts, whose manners can be set: it refuses, is slow, or is not there."""

import email
import email.policy
import time
from contextlib import contextmanager

from aiosmtpd.controller import Controller

from tests.running import free_port


class Handler:
    """Keeps what it said yes to. `refuses` are addresses, `answers` what is said to DATA instead of yes, one each time."""

    def __init__(self):
        self.taken, self.refuses, self.answers, self.pause, self.tries = [], {}, [], 0, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        import asyncio

        self.tries += 1
        if self.answers and (answer := self.answers.pop(0)):
            return answer
        # It has the mail as soon as the last byte is here; the sender hears of it after the pause.
        self.taken.append((time.monotonic(), envelope.rcpt_tos[0], envelope.content))
        await asyncio.sleep(self.pause)
        return "250 OK"

    @property
    def letters(self):
        return [email.message_from_bytes(content, policy=email.policy.default) for _at, _to, content in self.taken]

    @property
    def recipients(self):
        return [to for _at, to, _content in self.taken]


@contextmanager
def mail_server(port=None, most_bytes=None):
    """(its address as EMAIL_URL, its handler)."""
    handler = Handler()
    controller = Controller(handler, hostname="127.0.0.1", port=port or free_port(), data_size_limit=most_bytes)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}", handler
    finally:
        controller.stop()


def speak_to(settings, url):
    """Let this process send to it."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(url.rpartition(":")[2])
    settings.EMAIL_TIMEOUT = 5
