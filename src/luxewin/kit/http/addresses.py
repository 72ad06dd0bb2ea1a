"""Addresses of callers, as sockets and proxies tell them."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_REMEMBERED = 4096


@lru_cache(maxsize=_REMEMBERED)
def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, or None where the text is none.

    A socket that listens on `::` tells an IPv4 caller as ::ffff:192.0.2.1: that is 192.0.2.1, as everywhere else.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def hop_of(text: str) -> str:
    """Return the address of a hop as a proxy tells it: some add the caller's port, and IPv6 stands in brackets then."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


@lru_cache(maxsize=_REMEMBERED)
def caller_of(text: str) -> str:
    """Return whom a limit counts for: an IPv4 address, or the /64 of an IPv6 one, which a single customer gets."""
    address = address_of(text)
    if address is None:
        return "unknown"
    return str(ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address)
