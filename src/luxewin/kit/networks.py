"""Lists of networks in settings, such as those of proxies."""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

WIDEST_IPV4_PREFIX = 8
WIDEST_IPV6_PREFIX = 16
_PRIVATE_IPV6 = IPv6Network("fc00::/7")
_MAPPED_IPV4 = IPv6Network("::ffff:0:0/96")


def split_list(text: Any) -> Any:
    """Return the parts of a list separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


def _unmapped(networks: Sequence[IPv4Network | IPv6Network]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks with IPv4 in its own notation, in which the addresses of clients are compared."""
    return tuple(
        IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - _MAPPED_IPV4.prefixlen))
        if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED_IPV4)
        else network
        for network in networks
    )


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(split_list), AfterValidator(_unmapped)]
"""Networks of IPv4 and IPv6, separated by commas."""


def too_wide(networks: Sequence[IPv4Network | IPv6Network]) -> Iterator[IPv4Network | IPv6Network]:
    """Yield the networks, joined with their neighbours, that are too wide to belong to one operator.

    The widest private network of IPv4 is 10.0.0.0/8, and no provider has a network of IPv6 wider than /16.
    """
    yield from (
        network
        for network in collapse_addresses(one for one in networks if isinstance(one, IPv4Network))
        if network.prefixlen < WIDEST_IPV4_PREFIX
    )
    yield from (
        network
        for network in collapse_addresses(one for one in networks if isinstance(one, IPv6Network))
        if network.prefixlen < WIDEST_IPV6_PREFIX and not network.subnet_of(_PRIVATE_IPV6)
    )
