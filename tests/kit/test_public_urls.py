"""The base URL of responses: the address that the client reached, never one that it made up."""

from collections.abc import Iterator
from typing import Any

import pytest

from luxewin.kit.http.public_urls import absolute_url, base_url_of, set_base_url, without_base_url
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy, UnknownTenant
from tests.kit.shops import Shops

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
PUBLIC = "https://api.example"
FALLBACK = "http://127.0.0.1:8000"


class _Directory(Shops):
    def by_domain(self, domain: str) -> Tenancy | None:
        if domain == "suspended.example":
            raise UnknownTenant
        return super().by_domain(domain)


SHOPS = _Directory([OURS], {"ours.example": OURS})


@pytest.fixture
def reached() -> Iterator[str]:
    """Serve a request to an address."""
    set_base_url("https://ours.example")
    yield "https://ours.example"
    set_base_url("")


def _base(host: str, **options: Any) -> str:
    known: dict[str, Any] = {"is_https": True, "public_url": PUBLIC, "fallback": FALLBACK, **options}
    return base_url_of({"host": host}, SHOPS, **known)


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("ours.example", "https://ours.example"),
        ("ours.example:8443", "https://ours.example:8443"),
        ("api.example", PUBLIC),
        ("evil.example", PUBLIC),
        ("suspended.example", PUBLIC),
        ("", PUBLIC),
    ],
)
def test_with_a_public_url_only_a_domain_of_a_shop_replaces_it(host: str, base: str) -> None:
    assert _base(host) == base


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("shop.test:8443", "http://shop.test:8443"),
        ("192.168.1.5:8000", "http://192.168.1.5:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("$(reboot)", FALLBACK),
        ("a.test/<b>", FALLBACK),
        ("a.test:1:2", FALLBACK),
        ("x" * 300, FALLBACK),
        ("", FALLBACK),
    ],
)
def test_without_a_public_url_the_host_counts_unless_it_is_malformed(host: str, base: str) -> None:
    assert _base(host, public_url=None, is_https=False) == base


def test_behind_a_proxy_that_terminates_tls_the_address_is_https() -> None:
    assert _base("ours.example", is_https=True).startswith("https://")
    assert _base("ours.example", is_https=False).startswith("http://")


@pytest.mark.parametrize("url", ["https://cdn.example/a.jpg", "", "a.jpg"])
def test_only_paths_of_the_installation_are_made_absolute(reached: str, url: str) -> None:
    assert absolute_url("/demo/a.svg") == f"{reached}/demo/a.svg"
    assert absolute_url(url) == url


@pytest.mark.parametrize("url", ["https://ours.example.evil/a.jpg", "https://ours.example", "https://other.example/a"])
def test_only_an_absolute_url_of_the_installation_becomes_a_path_again(reached: str, url: str) -> None:
    assert without_base_url(absolute_url("/demo/a.svg")) == "/demo/a.svg"
    assert without_base_url(url) == url
    assert reached


def test_outside_a_request_a_path_stays_a_path() -> None:
    assert absolute_url("/demo/a.svg") == "/demo/a.svg"
    assert without_base_url("/demo/a.svg") == "/demo/a.svg"
