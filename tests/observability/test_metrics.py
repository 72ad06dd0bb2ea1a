"""Metrics of several processes, of leaders who stop leading, and of whatever anybody invents."""

import math
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from luxewin.kit.http.request_telemetry import route_of
from luxewin.kit.observability.metrics import OUTBOX, WAITING, observe_request, reset_leader_gauges
from luxewin.kit.observability.multiprocess import exposition, merge_ended_process
from luxewin.kit.observability.redaction import REDACTED, redact_text
from tests.observability.exposed import Scrape

PROCESS = """
import os
from luxewin.kit.observability.metrics import JOB_SUCCESS, OUTBOX, register_process, observe_request
register_process("api", "1")
observe_request("GET", "/api/v1/products", 200, 0.15)
JOB_SUCCESS.labels("publish").set({success})
OUTBOX.set({success})
print(os.getpid())
"""


def process(folder: Path, *, success: int) -> int:
    """Run a process that tells something of itself and ends, and return its id."""
    ran = subprocess.run(
        [sys.executable, "-c", PROCESS.format(success=success)],
        env={"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return int(ran.stdout)


def seen(folder: Path) -> Scrape:
    return Scrape(exposition(folder).decode())


def test_counters_of_ended_processes_are_merged_and_their_gauges_deleted(tmp_path: Path) -> None:
    pids = [process(tmp_path, success=success) for success in (7, 9, 8)]
    alive = seen(tmp_path)
    assert alive.total("luxewin_processes", role="api") == 3
    assert alive.total("luxewin_outbox_events") == 8
    for pid in pids:
        merge_ended_process(tmp_path, pid)
    ended = seen(tmp_path)
    assert ended.total("luxewin_processes", role="api") == 0
    assert "luxewin_outbox_events" not in ended.shapes
    assert ended.total("luxewin_job_success_timestamp_seconds", job_name="publish") == 9
    for counted in ("luxewin_http_requests_total", "luxewin_http_request_seconds_count"):
        assert ended.total(counted) == alive.total(counted) == 3
    for le, count in (("0.1", 0), ("0.2", 3), ("+Inf", 3)):
        assert ended.total("luxewin_http_request_seconds_bucket", le=le) == count
    assert {file.name for file in tmp_path.glob("*.db")} == {"counter_0.db", "gauge_max_0.db", "histogram_0.db"}


def test_merging_a_process_twice_or_one_without_metrics_changes_nothing(tmp_path: Path) -> None:
    pid = process(tmp_path, success=1)
    for _ in range(2):
        merge_ended_process(tmp_path, pid)
    merge_ended_process(tmp_path, 123_456_789)
    assert seen(tmp_path).total("luxewin_http_requests_total") == 1


def test_a_process_that_stops_leading_resets_its_gauges() -> None:
    OUTBOX.set(5)
    WAITING.set_all({"search": 3, "mail": 2})
    WAITING.set_all({"search": 1})
    told = {listener: value("luxewin_listener_waiting_events", listener=listener) for listener in ("search", "mail")}
    assert told == {"search": 1, "mail": 0}
    reset_leader_gauges()
    assert math.isnan(value("luxewin_outbox_events"))
    assert math.isnan(value("luxewin_listener_waiting_events", listener="search"))


def value(name: str, **labels: str) -> float:
    found = REGISTRY.get_sample_value(name, labels)
    assert found is not None
    return found


def test_values_of_clients_are_no_labels() -> None:
    for _ in range(3):
        observe_request(uuid4().hex.upper(), None, 404, 0.1)
    assert value("luxewin_http_requests_total", method="other", route="unmatched", status="404") == 3
    assert route_of({"path": f"/api/v1/{uuid4()}"}) == "unmatched"


def test_a_client_that_disconnects_is_counted_as_aborted() -> None:
    observe_request("GET", "/api/v1/slow", 0, 1.0)
    assert value("luxewin_http_requests_total", method="GET", route="/api/v1/slow", status="aborted") == 1


@pytest.mark.parametrize(
    "secret",
    [
        "ada.byron+shop@example.co.uk",
        "4242 4242 4242 4242",
        "4242-4242-4242-4242",
        "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
        "postgresql://luxewin:hunter2@",
        "sk_live_51abcdefghijklmnopqrstuv",
        "password='hunter2'",
        "token: abc",
        "(email)=(ada)",
    ],
)
def test_a_redacted_text_holds_no_secret(secret: str) -> None:
    told = redact_text(f'duplicate key value violates "identity_users_email_key" Key {secret} exists')
    assert secret not in told
    assert REDACTED in told


@pytest.mark.parametrize(
    "told",
    [
        'relation "catalog_imports" does not exist',
        "0199a1b2-7c00-7000-8000-000000000001 has 12 items of 3500",
        "2026-11-26T15:00:00Z: 'NoneType' object has no attribute 'minor'",
    ],
)
def test_a_redacted_text_keeps_the_rest(told: str) -> None:
    assert redact_text(told) == told
