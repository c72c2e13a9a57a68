"""HTTP(S) to addresses that people typed: hooks and feeds go out through here and through nothing else.

An address of the inside (this machine, a private network, a cloud's metadata) is refused, however it is written and wherever
a redirect or the name server leads: the name is looked up once, every address that it has is checked, and a checked one is
connected to. `OUTGOING_HOSTS` names the receivers of the inside that the owner of the site allows.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext as _
from urllib3.connection import HTTPConnection, HTTPSConnection

SECONDS = 5.0  # for all of it: name, connection, redirects, body
MOST_BYTES = 2_000_000
MOST_REDIRECTS = 3
MOST_CHARACTERS = 2_000
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
NOT_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\]")
# A translator of IPv6 networks puts an IPv4 address into the last 32 bits (RFC 6052).
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Other wrappings of IPv4 addresses (RFC 4291 2.5.5.1, RFC 3056, RFC 4380, RFC 8215): no public server is reached by them.
WRAPPINGS = tuple(map(ipaddress.IPv6Network, ("::/96", "2002::/16", "2001::/32", "64:ff9b:1::/48")))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class WebError(Exception):
    """Nothing came back; the message says why in one line, for a person, without the path and query of the address."""


class RefusedError(WebError):
    """The address itself is not allowed: to try again is no use."""


@dataclass(frozen=True)
class Answer:
    """What came back. `url` is where it came from after redirects; names of `headers` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str


@dataclass(frozen=True)
class Call:
    """What is asked of a server, wherever it stands."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Deadline:
    """The end of the time for one call, whatever it waits for."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds; raises WebError when there are none."""
        if (seconds := self.end - time.monotonic()) <= 0:
            raise WebError(_("No answer within %(count)g seconds.") % {"count": SECONDS})
        return seconds


def fetch(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """GET, redirects followed. Raises WebError; any answer of the server is an Answer, whatever its status."""
    call, deadline = Call("GET", headers or {}), Deadline(SECONDS)
    for _hop in range(MOST_REDIRECTS + 1):
        answer = ask(call, url, deadline)
        place = answer.headers.get("location", "")
        if answer.status not in REDIRECTS or not place:
            return answer
        url = urljoin(url, place)
    raise WebError(_("The server sent us on more than %(count)s times.") % {"count": MOST_REDIRECTS})


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """POST. A redirect is an answer as any other: what was meant for one receiver is not carried to the next. Raises WebError."""
    return ask(Call("POST", headers, body), url, Deadline(SECONDS))


def check(url: str) -> SplitResult:
    """The parts of an address that may be asked for, as far as it can be told without looking it up. Raises RefusedError."""
    if len(url) > MOST_CHARACTERS or NOT_IN_ADDRESS.search(url):
        raise RefusedError(_("This is no web address."))
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RefusedError(_("This is no web address.")) from None
    if parts.scheme not in PORTS:
        raise RefusedError(_("Only addresses that begin with http:// or https:// are asked."))
    if not host:
        raise RefusedError(_("This is no web address."))
    if "@" in parts.netloc:
        raise RefusedError(_("An address with a user name or password in it is not asked."))
    if (port or PORTS[parts.scheme]) not in PORTS.values() and not is_allowed(parts):
        raise RefusedError(_("Only the ports 80 and 443 are asked."))
    if (literal := as_address(host)) and not is_allowed(parts):
        refuse_inside(literal)
    return parts


def is_allowed(parts: SplitResult) -> bool:
    """Whether the owner of the site named this host (and its port, where it is not the usual one) in OUTGOING_HOSTS."""
    host, usual = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname, PORTS[parts.scheme]
    names = {f"{host}:{parts.port or usual}"} | ({host} if parts.port in (None, usual) else set())
    return not names.isdisjoint(name.lower() for name in settings.OUTGOING_HOSTS)


def as_address(host: str) -> Address | None:
    with suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    return None


def refuse_inside(address: Address) -> None:
    """Raises RefusedError for what is no address of the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return refuse_inside(address.ipv4_mapped)
        if address in NAT64:
            return refuse_inside(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(address in network for network in WRAPPINGS):
            raise RefusedError(inside())
    if not address.is_global or address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False):
        raise RefusedError(inside())
    return None


def inside() -> str:
    return _("The address leads into this machine or a private network. Who runs the site may allow it by OUTGOING_HOSTS.")


def look_up(parts: SplitResult, deadline: Deadline) -> list[str]:
    """The addresses of the host, every one of them checked. Raises WebError.

    The system's own look-up knows no limit of time, so it runs beside us. It also reads 2130706433 and 0x7f.1 as addresses, which
    are then checked as such.
    """
    host, port = ascii_name(parts.hostname or ""), parts.port or PORTS[parts.scheme]
    found: list[str] = []
    done = threading.Event()

    def ask_system() -> None:
        try:
            with suppress(OSError, UnicodeError):
                found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        finally:
            done.set()

    threading.Thread(target=ask_system, daemon=True).start()
    done.wait(deadline.left())
    deadline.left()
    if not found:
        raise WebError(_("There is no host of the name %(host)s.") % {"host": host[:100]})
    if not is_allowed(parts):
        for text in found:
            refuse_inside(ipaddress.ip_address(text.partition("%")[0]))
    return list(dict.fromkeys(found))


def ascii_name(host: str) -> str:
    """A name in Chinese as name servers know it."""
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise RefusedError(_("This is no web address.")) from None


def ask(call: Call, url: str, deadline: Deadline) -> Answer:
    """One request to one address. Raises WebError."""
    parts = check(url)
    fault: Exception = WebError("")
    addresses = look_up(parts, deadline)
    for position, address in enumerate(addresses):
        share = deadline.left() / (len(addresses) - position)
        connection = connect(parts, address, share)
        try:
            connection.connect()
            return exchange(connection, call, parts, deadline)
        except ssl.SSLCertVerificationError as error:
            raise WebError(_("The certificate of %(host)s is not to be trusted.") % {"host": parts.hostname}) from error
        except urllib3.exceptions.NewConnectionError as error:
            fault = error  # the next address of the host, if it has one
        except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
            deadline.left()
            raise WebError(_("The answer of %(host)s broke off.") % {"host": parts.hostname}) from error
        finally:
            connection.close()
    deadline.left()
    raise WebError(_("%(host)s cannot be reached.") % {"host": parts.hostname}) from fault


def connect(parts: SplitResult, address: str, seconds: float) -> HTTPConnection:
    """A connection, not yet open, to that very address; name and certificate are those of the host in the URL."""
    host, port = ascii_name(parts.hostname or ""), parts.port or PORTS[parts.scheme]
    until = time.monotonic() + seconds

    def open_socket(self: Any) -> socket.socket:
        try:
            made = socket.create_connection((address, port), max(until - time.monotonic(), 0.01))
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error
        made.settimeout(max(until - time.monotonic(), 0.01))  # of the handshake, which keeps it as a whole
        return made

    kind: type[HTTPConnection] = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    options: dict[str, Any] = {"ssl_context": ssl.create_default_context()} if parts.scheme == "https" else {}
    return type("Checked", (kind,), {"_new_conn": open_socket})(host, port, **options)


def exchange(connection: HTTPConnection, call: Call, parts: SplitResult, deadline: Deadline) -> Answer:
    """Send and receive within what is left of the time, at most MOST_BYTES."""
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = {"User-Agent": "Tanxun", "Accept-Encoding": "gzip", "Connection": "close", **call.headers}
    connection.sock.settimeout(deadline.left())
    with cut_off(connection.sock, deadline.left()):
        connection.request(call.method, ascii_target(target), body=call.body, headers=given, preload_content=False)
        response = connection.getresponse()
        content = b"" if response.status in REDIRECTS else response.read(MOST_BYTES + 1)
    deadline.left()  # what was cut off may look like an end
    if len(content) > MOST_BYTES:
        raise WebError(_("The answer is larger than %(count)s MB.") % {"count": MOST_BYTES // 1_000_000})
    return Answer(response.status, {name.lower(): text for name, text in response.headers.items()}, content, parts.geturl())


def ascii_target(target: str) -> str:
    return re.sub(r"[^\x21-\x7e]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), target)


@contextmanager
def cut_off(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Whoever sends one byte a second is never late by itself: after `seconds` the connection is shut from our side."""
    shut: Callable[..., None] = socket.socket.shutdown  # that of TLS would take the keys from under the reader

    def end() -> None:
        with suppress(OSError):
            shut(sock, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
