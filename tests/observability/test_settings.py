"""Whom the program tells about itself, and who may ask."""

from typing import Any

import pytest

from luxewin.kit.errors import Forbidden
from luxewin.kit.http.health import Metrics
from luxewin.kit.settings import Settings, SettingsError


async def may_read(address: str, *headers: tuple[bytes, bytes], **environ: str) -> bool:
    metrics = Metrics(None, Settings.load(environ).monitoring.metrics_from)
    scope: dict[str, Any] = {"client": (address, 40_000), "headers": list(headers)}
    try:
        return (await metrics(scope)).status_code == 200
    except Forbidden:
        return False


@pytest.mark.parametrize(
    ("address", "reads"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.1.2.3", False),
        ("203.0.113.9", False),
        ("::ffff:203.0.113.9", False),
        ("", False),
    ],
)
async def test_metrics_are_for_this_machine(address: str, reads: bool) -> None:
    assert await may_read(address) == reads


async def test_only_the_listed_networks_may_read_metrics() -> None:
    named = {"LUXEWIN_METRICS_FROM": "10.0.0.0/8, 192.168.1.5/32"}
    asked = {one: await may_read(one, **named) for one in ("10.1.2.3", "192.168.1.5", "192.168.1.6", "127.0.0.1")}
    assert asked == {"10.1.2.3": True, "192.168.1.5": True, "192.168.1.6": False, "127.0.0.1": False}


async def test_forwarded_requests_read_no_metrics() -> None:
    assert not await may_read("127.0.0.1", (b"x-forwarded-for", b"203.0.113.9"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LUXEWIN_METRICS_FROM", "everybody"),
        ("LUXEWIN_OTLP_ENDPOINT", "collector:4318"),
        ("LUXEWIN_OTLP_ENDPOINT", "http://user:secret@collector:4318"),
        ("LUXEWIN_SENTRY_DSN", "https://sentry.example.com/1"),
        ("LUXEWIN_SENTRY_DSN", "https://secret@sentry.example.com/"),
        ("LUXEWIN_PROVE_EVERY_SECONDS", "0"),
    ],
)
def test_an_invalid_setting_is_refused_without_repeating_a_secret(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.load({name: value})
    assert str(refused.value).startswith(name)
    assert name != "LUXEWIN_SENTRY_DSN" or "secret" not in str(refused.value)
