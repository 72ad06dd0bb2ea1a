"""Who has configured nothing pays nothing; who has configured something that is away waits for nobody."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace

import pytest

from luxewin.kit.http.request_telemetry import record_request
from luxewin.kit.observability import failures, tracing

COSTLY = ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto", "google.protobuf", "sentry_sdk")
START = f"""
import json, os, sys
import luxewin.main, luxewin.worker, luxewin.relay, luxewin.cli
from luxewin.kit.observability import failures, tracing
tracing.configure(None, {{}}, role="api")
failures.configure(None, role="api", environment="test")
with tracing.request("GET", {{"traceparent": "00-1-2-01"}}) as span, tracing.step("transaction"), tracing.work("job"):
    span.set_attributes(tenant="luxyhome")
print(json.dumps([name for name in sys.modules if name.startswith({COSTLY!r})]))
"""
SCOPE = {"method": "GET", "path": "/api/v1/x", "luxewin.route": "/api/v1/x"}
MORE_THAN_ANY_QUEUE = 5_000


def test_without_an_endpoint_nothing_is_loaded() -> None:
    ran = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True, timeout=120)
    assert json.loads(ran.stdout) == []


Away = Callable[[], AbstractContextManager[str]]


@contextmanager
def black_hole() -> Iterator[str]:
    """Take connections, and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        yield f"http://127.0.0.1:{hole.getsockname()[1]}"


@contextmanager
def refusing() -> Iterator[str]:
    """Have nobody at home."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("collector", [black_hole, refusing])
async def test_requests_are_served_while_the_collector_is_unavailable(collector: Away) -> None:
    answered = SimpleNamespace(status=200)
    with collector() as endpoint:
        tracing.configure(endpoint, {}, role="api")
        try:
            for _ in range(MORE_THAN_ANY_QUEUE):
                with record_request(SCOPE, answered, {}, "a-request"), tracing.step("transaction"):
                    await asyncio.sleep(0)
        finally:
            await asyncio.to_thread(tracing.close)
    assert tracing.with_ids(None, "info", {}) == {}


@pytest.mark.parametrize("tracker", [black_hole, refusing])
async def test_an_unavailable_tracker_causes_no_further_error(tracker: Away) -> None:
    with tracker() as endpoint:
        dsn = endpoint.replace("http://", "http://public@") + "/1"
        failures.configure(dsn, role="worker", environment="test")
        try:
            entries = [{"event": "a job failed", "job": "seal", "exc_info": ValueError(n)} for n in range(500)]
            assert [failures.report_logged(None, "error", dict(entry)) for entry in entries] == entries
        finally:
            await asyncio.to_thread(failures.close)


async def test_a_standard_variable_is_sufficient_and_an_invalid_traceparent_starts_a_new_trace() -> None:
    with refusing() as endpoint:
        tracing.configure(None, {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}, role="api")
        try:
            with record_request(SCOPE, SimpleNamespace(status=200), {"traceparent": "00-zz-1-01"}, "a-request"):
                ids = tracing.with_ids(None, "info", {})
                assert (len(ids["trace_id"]), len(ids["span_id"])) == (32, 16)
        finally:
            await asyncio.to_thread(tracing.close)
