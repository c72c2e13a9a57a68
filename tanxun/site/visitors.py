"""What a visitor is counted by, in one place: asked by `middleware`, and by `AXES_CLIENT_IP_CALLABLE` of who tries passwords."""

import ipaddress
import re

from django.http import HttpRequest

WITH_PORT = re.compile(r"\[([^\]]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")
NETWORK_BITS = 64  # what a provider gives to one household: who has it has all addresses in it


def address(text: str) -> str:
    """The address in `text`, in the one way that it is written, without a port, IPv4 within IPv6 as IPv4; "" for what is none."""
    found = WITH_PORT.fullmatch(text.strip())
    bare = (found[1] or found[2]) if found else text.strip()
    try:
        read = ipaddress.ip_address(bare.partition("%")[0])  # behind it a name that this machine gives to one of its own cards
    except ValueError:
        return ""
    return str(getattr(read, "ipv4_mapped", None) or read)


def counted_by(request: HttpRequest) -> str | None:
    """IPv4: the address. IPv6: the first address of its network. None where it is not known: those are counted together."""
    found = address(request.META.get("REMOTE_ADDR", ""))
    if ":" not in found:
        return found or None
    return str(ipaddress.IPv6Network((found, NETWORK_BITS), strict=False).network_address)
