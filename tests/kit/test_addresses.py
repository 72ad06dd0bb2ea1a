"""Addresses of clients: an IPv4 address is the same on every socket, and an IPv6 client is its /64 network."""

from ipaddress import IPv4Address

import pytest

from luxewin.kit.http.addresses import address_of, hop_of, rate_limit_key


@pytest.mark.parametrize(
    ("text", "caller"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::4", "2001:db8:1:3::/64"),
        ("somewhere", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_limit_counts_for_a_caller(text: str, caller: str) -> None:
    assert rate_limit_key(text) == caller


def test_a_mapped_address_is_the_one_it_maps() -> None:
    assert address_of("::ffff:127.0.0.1") == IPv4Address("127.0.0.1")
    assert address_of("nowhere") is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:40000", "192.0.2.7"),
        ("2001:db8::4", "2001:db8::4"),
        ("[2001:db8::4]", "2001:db8::4"),
        ("[2001:db8::4]:40000", "2001:db8::4"),
        ("", ""),
    ],
)
def test_the_port_of_a_hop_is_ignored(text: str, address: str) -> None:
    assert hop_of(text) == address
