"""The dashboard as code: `make dashboard` writes `luxewin.json` from the rows below.

A panel is a title, a unit and its queries, each with the legend of its lines.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS, HEIGHT = 24, 8
PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Panel:
    """One graph, or one figure where `stat` says so."""

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]
    stat: bool = False
    meaning: str = ""


def rate(metric: str, by: str, where: str = "") -> str:
    """Return the query of how often something happens in a second, by labels."""
    return f"sum by ({by}) (rate({metric}{{{where}}}[$__rate_interval]))"


def share(part: str, whole: str) -> str:
    """Return the query of a share."""
    return f"{part} / {whole}"


ROWS: Sequence[tuple[str, Sequence[Panel]]] = (
    (
        "Promises",
        (
            Panel("Broken laws", "short", [("sum(max by (law) (luxewin_invariant_broken))", "broken")], stat=True),
            Panel(
                "Parked events",
                "short",
                [("sum(max by (listener) (luxewin_dead_lettered_events))", "parked")],
                stat=True,
            ),
            Panel("Unknown payments", "short", [("max by (kind) (luxewin_payments_unknown)", "{{kind}}")], stat=True),
            Panel(
                "Processes",
                "short",
                [("sum by (role, version) (luxewin_processes)", "{{role}} {{version}}")],
                stat=True,
            ),
            Panel(
                "Waiting for the relay and the listeners",
                "s",
                [
                    ("max(luxewin_outbox_oldest_seconds)", "outbox"),
                    ("max by (listener) (luxewin_listener_oldest_seconds)", "{{listener}}"),
                    ("max by (chain) (luxewin_unsealed_oldest_seconds)", "seals of {{chain}}"),
                ],
                meaning="Age of the oldest that waits.",
            ),
            Panel(
                "Events that wait",
                "short",
                [
                    ("max(luxewin_outbox_events)", "outbox"),
                    ("max by (listener) (luxewin_listener_waiting_events)", "{{listener}}"),
                    ("max by (chain) (luxewin_unsealed_rows)", "seals of {{chain}}"),
                ],
            ),
        ),
    ),
    (
        "Requests",
        (
            Panel("Requests by route", "reqps", [(rate("luxewin_http_requests_total", "route"), "{{route}}")]),
            Panel("Requests by status", "reqps", [(rate("luxewin_http_requests_total", "status"), "{{status}}")]),
            Panel("95 % are answered within", "s", [("luxewin:http_request_seconds:p95_5m", "{{route}}")]),
            Panel(
                "Error budget: share that failed, share that was slow",
                "percentunit",
                [("luxewin:http_failed:ratio_1h", "failed"), ("luxewin:http_slow:ratio_1h", "slower than 200 ms")],
                meaning="Of the last hour. The objectives allow 0.1 % and 5 %.",
            ),
            Panel("Refusals by code", "reqps", [(rate("luxewin_refusals_total", "code"), "{{code}}")]),
            Panel("Turned away by worth", "reqps", [(rate("luxewin_http_shed_total", "worth"), "{{worth}}")]),
        ),
    ),
    (
        "Business",
        (
            Panel(
                "Orders and accounts",
                "short",
                [
                    (
                        (
                            "sum by (type) (increase(luxewin_events_published_total"
                            '{type=~"orders\\\\..*|identity.user_registered"}[1h]))'
                        ),
                        "{{type}}",
                    )
                ],
                meaning="Facts of the last hour.",
            ),
            Panel(
                "Money",
                "short",
                [
                    (
                        (
                            "sum by (type, currency) (increase(luxewin_event_amount_minor_total"
                            '{type=~"orders.order_paid|payments.refund_executed"}[1h]))'
                        ),
                        "{{type}} {{currency}}",
                    )
                ],
                meaning="Minor units of the last hour.",
            ),
            Panel(
                "Refused logins, sold out, imports",
                "short",
                [
                    (
                        (
                            "sum by (code) (increase(luxewin_refusals_total"
                            '{code=~"identity.invalid_credentials|inventory.sold_out"}[1h]))'
                        ),
                        "{{code}}",
                    ),
                    ("sum by (outcome) (increase(luxewin_imports_total[1h]))", "imports {{outcome}}"),
                ],
                meaning="Of the last hour.",
            ),
        ),
    ),
    (
        "Parts",
        (
            Panel(
                "Database connections in use",
                "percentunit",
                [
                    (
                        share(
                            "sum by (role) (luxewin_database_pool_in_use)", "sum by (role) (luxewin_database_pool_size)"
                        ),
                        "{{role}}",
                    )
                ],
            ),
            Panel(
                "Waiting for a connection",
                "short",
                [
                    ("sum by (role) (luxewin_database_pool_waiting)", "{{role}} waiting"),
                    (rate("luxewin_database_pool_timeouts_total", "role"), "{{role}} given up"),
                ],
            ),
            Panel(
                "A connection is had within",
                "s",
                [
                    (
                        (
                            "histogram_quantile(0.95, sum by (role, le)"
                            " (rate(luxewin_database_pool_wait_seconds_bucket[$__rate_interval])))"
                        ),
                        "{{role}}",
                    )
                ],
            ),
            Panel(
                "Gateway calls by outcome",
                "reqps",
                [
                    (
                        rate("luxewin_gateway_call_seconds_count", "gateway, operation, outcome"),
                        "{{gateway}} {{operation}} {{outcome}}",
                    )
                ],
            ),
            Panel(
                "A gateway answers within",
                "s",
                [
                    (
                        (
                            "histogram_quantile(0.95, sum by (gateway, operation, le)"
                            " (rate(luxewin_gateway_call_seconds_bucket[$__rate_interval])))"
                        ),
                        "{{gateway}} {{operation}}",
                    )
                ],
            ),
            Panel(
                "Time since a duty succeeded",
                "s",
                [
                    (
                        (
                            "time() - max by (duty) (luxewin_job_success_timestamp_seconds)"
                            " - max by (duty) (luxewin_job_interval_seconds)"
                        ),
                        "{{duty}}",
                    )
                ],
                meaning="Beyond its interval.",
            ),
            Panel(
                "Duties", "percentunit", [(rate("luxewin_job_seconds_sum", "duty"), "{{duty}}")], meaning="Time spent."
            ),
            Panel("Duties that failed", "short", [(rate("luxewin_job_failures_total", "duty"), "{{duty}}")]),
            Panel("Time that a proof takes", "s", [("topk(10, max by (law) (luxewin_invariant_seconds))", "{{law}}")]),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana reads it."""
    return {
        "uid": "luxewin",
        "title": "LuxeWin",
        "tags": ["luxewin"],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": list(_laid_out()),
    }


def _laid_out() -> Iterator[dict[str, Any]]:
    number, top = 0, 0
    for title, panels in ROWS:
        number += 1
        yield {"id": number, "type": "row", "title": title, "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}}
        top, left = top + 1, 0
        for panel in panels:
            width, height = (COLUMNS // 4, HEIGHT // 2) if panel.stat else (COLUMNS // 2, HEIGHT)
            if left + width > COLUMNS:
                top, left = top + height, 0
            number += 1
            yield {"id": number, "gridPos": {"x": left, "y": top, "w": width, "h": height}, **_panel(panel)}
            left += width
            if left == COLUMNS:
                top, left = top + height, 0
        top += HEIGHT if left else 0


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": "stat" if panel.stat else "timeseries",
        "title": panel.title,
        "description": panel.meaning,
        "datasource": PROMETHEUS,
        "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": PROMETHEUS, "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(panel.queries)
        ],
    }


if __name__ == "__main__":
    print(json.dumps(dashboard(), indent=2, ensure_ascii=False))
