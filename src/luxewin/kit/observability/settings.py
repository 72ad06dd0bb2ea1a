"""The settings of what the program tells about itself, unasked."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr

from luxewin.kit.variables import Group, variable


def _collector(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@?#]+(?:/[^\s?#]*)?", url):
        raise ValueError("it is no address of a collector")
    return url


def _listed(networks: Any) -> Any:
    return [part.strip() for part in networks.split(",") if part.strip()] if isinstance(networks, str) else networks


def _dsn(dsn: SecretStr) -> SecretStr:
    if not re.fullmatch(r"https?://[^\s@/]+@[^\s@]+/\d+", dsn.get_secret_value()):
        raise ValueError("it is no DSN")
    return dsn


class MonitoringSettings(Group):
    """Whom the program tells about itself, beside those who ask for its metrics."""

    metrics_from: Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_listed)] = variable(
        "LUXEWIN_METRICS_FROM",
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        shown="this machine",
        meaning="Networks, separated by commas, from which `/metrics` may be read, directly and not through a proxy.",
        remedy="give networks separated by commas, such as 127.0.0.0/8,10.1.2.3/32",
    )
    prove_every_seconds: float = variable(
        "LUXEWIN_PROVE_EVERY_SECONDS",
        300.0,
        meaning="How often the worker proves every law, one after the other; hash chains and gateways' books, which "
        "take longer, are proved 24 times less often.",
        remedy="give a number of seconds above 0, such as 60 or 300",
        gt=0,
        le=86_400,
    )
    otlp_endpoint: Annotated[str, AfterValidator(_collector)] | None = variable(
        "LUXEWIN_OTLP_ENDPOINT",
        None,
        shown="none",
        meaning="Collector of OpenTelemetry traces that speaks OTLP over HTTP. `OTEL_EXPORTER_OTLP_ENDPOINT` does as "
        "well, and OpenTelemetry's other standard variables apply.",
        remedy="give the collector's address, such as http://127.0.0.1:4318",
    )
    sentry_dsn: Annotated[SecretStr, AfterValidator(_dsn)] | None = variable(
        "LUXEWIN_SENTRY_DSN",
        None,
        secret=True,
        shown="none",
        meaning="Tracker of unexpected failures that speaks Sentry's protocol. It is told what failed and where in "
        "the code, never what was sent.",
        remedy="give a DSN, such as https://key@sentry.example.com/1",
    )

    @property
    def tracker(self) -> str | None:
        """The tracker's DSN, or None."""
        return self.sentry_dsn.get_secret_value() if self.sentry_dsn else None
