"""Settings of the HTTP server."""

import re
from ipaddress import IPv4Address, ip_address
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from luxewin.kit.networks import Networks, split_list
from luxewin.kit.variables import SECONDS, Group, variable


def _validate_origin(url: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+/?", url):
        raise ValueError("it is no address of a site")
    return url.rstrip("/")


class HttpSettings(Group):
    """Address, limits and timeouts of the HTTP server."""

    host: str = variable(
        "LUXEWIN_HOST",
        "127.0.0.1",
        meaning="Address to listen on; `0.0.0.0` for every IPv4 address of the machine, `::` for IPv6 as well.",
        remedy="give an address of this machine, such as 127.0.0.1 or 0.0.0.0",
        pattern=r"^[A-Za-z0-9.:\-]+$",
    )
    port: int = variable(
        "LUXEWIN_PORT",
        8000,
        meaning="Port to listen on; `0` takes any free one and prints it.",
        remedy="give a whole number from 0 to 65535",
        ge=0,
        le=65535,
    )
    processes: int = variable(
        "LUXEWIN_PROCESSES",
        1,
        meaning="Number of API processes that share the port; about one for each processor core.",
        remedy="give a whole number from 1 to 64",
        ge=1,
        le=64,
    )
    public_url: Annotated[str, AfterValidator(_validate_origin)] | None = variable(
        "LUXEWIN_PUBLIC_URL",
        None,
        displayed_default="host and port of this machine",
        meaning="Address under which people reach the program, used in e-mails and links. Production demands https.",
        remedy="give an address without a path, such as https://shop.example.com",
    )
    trusted_proxies: Networks = variable(
        "LUXEWIN_TRUSTED_PROXIES",
        (),
        displayed_default="none",
        meaning="Networks, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: those of "
        "the proxies alone. Production refuses networks wider than /8, of IPv6 wider than /16.",
        remedy="give networks separated by commas, such as 10.0.0.0/8,192.168.1.5/32",
    )
    allowed_origins: Annotated[
        frozenset[Annotated[str, AfterValidator(_validate_origin)]], BeforeValidator(split_list)
    ] = variable(
        "LUXEWIN_ALLOWED_ORIGINS",
        frozenset(),
        displayed_default="none",
        meaning="Web sites, separated by commas, whose pages may call the API from a browser (CORS), beside each shop's"
        " own domains; in development every page of this machine may.",
        remedy="give addresses separated by commas, such as https://www.example.com,https://admin.example.com",
    )
    max_body_bytes: int = variable(
        "LUXEWIN_MAX_BODY_BYTES",
        1_048_576,
        meaning="Largest request body that is read, in bytes; uploads have a limit of their own.",
        remedy="give a whole number of bytes from 1024 to 104857600",
        ge=1024,
        le=104_857_600,
    )
    max_upload_bytes: int = variable(
        "LUXEWIN_MAX_UPLOAD_BYTES",
        67_108_864,
        meaning="Largest file that an import or a media upload may bring, in bytes.",
        remedy="give a whole number of bytes from 1024 to 10737418240",
        ge=1024,
        le=10_737_418_240,
    )
    deadline_seconds: float = variable(
        "LUXEWIN_DEADLINE_SECONDS",
        10.0,
        meaning="Time after which a request is given up with 503.",
        remedy=SECONDS,
        gt=0,
        le=600,
    )
    keep_alive_seconds: int = variable(
        "LUXEWIN_KEEP_ALIVE_SECONDS",
        75,
        meaning="Time that a connection may lie idle before the program hangs up; more than the balancer or client in "
        "front of it waits (60 is common), so that none sends into a connection that is just being closed.",
        remedy="give a whole number of seconds from 1 to 3600",
        ge=1,
        le=3600,
    )
    most_connections: int = variable(
        "LUXEWIN_CONNECTIONS",
        2000,
        meaning="Most connections of clients that one process keeps open; one more is answered with 503 and closed.",
        remedy="give a whole number from 10 to 100000",
        ge=10,
        le=100_000,
    )
    most_connections_per_address: int | None = variable(
        "LUXEWIN_CONNECTIONS_PER_ADDRESS",
        None,
        displayed_default="a quarter of `LUXEWIN_CONNECTIONS`",
        meaning="Most connections that one process keeps open for one client address, or for one IPv6 /64 network;"
        " trusted proxies are not limited.",
        remedy="give a whole number from 1 to 100000",
        ge=1,
        le=100_000,
    )
    most_waiting: int = variable(
        "LUXEWIN_WAITING",
        100,
        meaning="Most requests of one kind that wait for their turn in one process; one more is refused with 503.",
        remedy="give a whole number from 1 to 10000",
        ge=1,
        le=10_000,
    )
    drain_seconds: float = variable(
        "LUXEWIN_DRAIN_SECONDS",
        30.0,
        meaning="Time for requests in flight to finish after the program has received a signal to stop.",
        remedy=SECONDS,
        gt=0,
        le=600,
    )

    @property
    def connections_per_address(self) -> int:
        """The most connections of one client address."""
        return self.most_connections_per_address or max(1, self.most_connections // 4)

    @property
    def base_url(self) -> str:
        """The public address, without a slash at its end."""
        return self.public_url or f"http://{_reachable(self.host)}:{self.port}"


def _reachable(host: str) -> str:
    """Return an address at which a server that listens on `host` is reachable, in the form used in a URL."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return "127.0.0.1" if address.is_unspecified else host
    return "[::1]" if address.is_unspecified else f"[{host}]"
