"""Addresses of clients, parsed from the reports of sockets and proxies."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_CACHED_ADDRESSES = 4096


@lru_cache(maxsize=_CACHED_ADDRESSES)
def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in a text, or None.

    A socket that listens on `::` reports an IPv4 client as ::ffff:192.0.2.1, which is returned as 192.0.2.1.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def hop_of(text: str) -> str:
    """Return the address of a hop without its port and brackets, which some proxies add."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


@lru_cache(maxsize=_CACHED_ADDRESSES)
def rate_limit_key(text: str) -> str:
    """Return the key of a client in rate limits: its IPv4 address, or its /64 network, which is one IPv6 subscriber."""
    address = address_of(text)
    if address is None:
        return "unknown"
    return str(ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address)
