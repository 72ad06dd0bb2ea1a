"""Settings of metrics, traces and error reports."""

import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from luxewin.kit.networks import Networks
from luxewin.kit.variables import Group, variable


def _validate_collector(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@?#]+(?:/[^\s?#]*)?", url):
        raise ValueError("it is not the address of a collector")
    return url


def _validate_dsn(dsn: SecretStr) -> SecretStr:
    if not re.fullmatch(r"https?://[^\s@/]+@[^\s@]+/\d+", dsn.get_secret_value()):
        raise ValueError("it is not a DSN")
    return dsn


class MonitoringSettings(Group):
    """Access to the metrics, and the destinations of traces and errors."""

    metrics_from: Networks = variable(
        "LUXEWIN_METRICS_FROM",
        (ip_network("127.0.0.0/8"), ip_network("::1/128")),
        displayed_default="this machine",
        meaning="Networks, separated by commas, that may read `/metrics` directly, not through a proxy. "
        "Production refuses networks wider than /8, of IPv6 wider than /16.",
        remedy="give networks separated by commas, such as 127.0.0.0/8,10.1.2.3/32",
    )
    prove_every_seconds: float = variable(
        "LUXEWIN_PROVE_EVERY_SECONDS",
        300.0,
        meaning="How often the worker checks every invariant. Checks that read the whole history, such as those of "
        "hash chains, run 24 times less often.",
        remedy="give a number of seconds above 0, such as 60 or 300",
        gt=0,
        le=86_400,
    )
    otlp_endpoint: Annotated[str, AfterValidator(_validate_collector)] | None = variable(
        "LUXEWIN_OTLP_ENDPOINT",
        None,
        displayed_default="none",
        meaning="Collector of OpenTelemetry traces that accepts OTLP over HTTP. `OTEL_EXPORTER_OTLP_ENDPOINT` and "
        "OpenTelemetry's other standard variables are also read.",
        remedy="give the collector's address, such as http://127.0.0.1:4318",
    )
    sentry_dsn: Annotated[SecretStr, AfterValidator(_validate_dsn)] | None = variable(
        "LUXEWIN_SENTRY_DSN",
        None,
        secret=True,
        displayed_default="none",
        meaning="Tracker of unexpected errors that understands Sentry's protocol. It receives the error and its "
        "position in the code, never request data.",
        remedy="give a DSN, such as https://key@sentry.example.com/1",
    )

    @property
    def tracker(self) -> str | None:
        """The tracker's DSN, or None."""
        return self.sentry_dsn.get_secret_value() if self.sentry_dsn else None
