"""The dashboard as code: `make dashboard` writes `luxewin.json` from the rows below.

A panel has a title, a unit and queries, each with the legend of its lines.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS, HEIGHT = 24, 8
PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Panel:
    """A graph, or a single value with `stat`."""

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]
    stat: bool = False
    meaning: str = ""


def rate(metric: str, by: str, where: str = "") -> str:
    """Return the query of the rate per second of a counter, by labels."""
    return f"sum by ({by}) (rate({metric}{{{where}}}[$__rate_interval]))"


def share(part: str, whole: str) -> str:
    """Return the query of a ratio."""
    return f"{part} / {whole}"


ROWS: Sequence[tuple[str, Sequence[Panel]]] = (
    (
        "Invariants and events",
        (
            Panel(
                "Violated invariants",
                "short",
                [("sum(max by (invariant) (luxewin_invariant_broken))", "violated")],
                stat=True,
            ),
            Panel(
                "Dead-lettered events",
                "short",
                [("sum(max by (listener) (luxewin_dead_lettered_events))", "dead-lettered")],
                stat=True,
            ),
            Panel(
                "Payments with an unknown outcome",
                "short",
                [("max by (kind) (luxewin_payments_unknown)", "{{kind}}")],
                stat=True,
            ),
            Panel(
                "Processes",
                "short",
                [("sum by (role, version) (luxewin_processes)", "{{role}} {{version}}")],
                stat=True,
            ),
            Panel(
                "Lag of the relay and the listeners",
                "s",
                [
                    ("max(luxewin_outbox_oldest_seconds)", "outbox"),
                    ("max by (listener) (luxewin_listener_oldest_seconds)", "{{listener}}"),
                    ("max by (chain) (luxewin_unsealed_oldest_seconds)", "seals of {{chain}}"),
                ],
                meaning="Age of the oldest unhandled event or unsealed row.",
            ),
            Panel(
                "Unpublished and unhandled events, unsealed rows",
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
            Panel("Response time, 95th percentile", "s", [("luxewin:http_request_seconds:p95_5m", "{{route}}")]),
            Panel(
                "Error budget: ratios of failed and of slow requests",
                "percentunit",
                [("luxewin:http_failed:ratio_1h", "failed"), ("luxewin:http_slow:ratio_1h", "slower than 200 ms")],
                meaning="Of the last hour. The objectives allow 0.1 % and 5 %.",
            ),
            Panel("Errors by code", "reqps", [(rate("luxewin_refusals_total", "code"), "{{code}}")]),
            Panel(
                "Connections ended to protect others",
                "cps",
                [(rate("luxewin_http_connections_ended_total", "reason"), "{{reason}}")],
            ),
            Panel("Limits counted alone", "reqps", [(rate("luxewin_unshared_limit_total", "limit"), "{{limit}}")]),
            Panel(
                "Rejected by admission control, by priority",
                "reqps",
                [(rate("luxewin_http_shed_total", "priority"), "{{priority}}")],
            ),
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
                meaning="Events of the last hour.",
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
                "Failed logins, sold out, imports",
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
        "Components",
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
                    (rate("luxewin_database_pool_timeouts_total", "role"), "{{role}} timed out"),
                ],
            ),
            Panel(
                "Time to acquire a connection, 95th percentile",
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
                "Response time of gateways, 95th percentile",
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
                "Time since the last success of a job",
                "s",
                [
                    (
                        (
                            "time() - max by (job_name) (luxewin_job_success_timestamp_seconds)"
                            " - max by (job_name) (luxewin_job_interval_seconds)"
                        ),
                        "{{job_name}}",
                    )
                ],
                meaning="Minus its interval.",
            ),
            Panel(
                "Jobs",
                "percentunit",
                [(rate("luxewin_job_seconds_sum", "job_name"), "{{job_name}}")],
                meaning="Share of the time.",
            ),
            Panel("Failed jobs", "short", [(rate("luxewin_job_failures_total", "job_name"), "{{job_name}}")]),
            Panel(
                "Duration of invariant checks",
                "s",
                [("topk(10, max by (invariant) (luxewin_invariant_seconds))", "{{invariant}}")],
            ),
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
            {"refId": chr(ord("A") + index), "datasource": PROMETHEUS, "expr": query, "legendFormat": legend}
            for index, (query, legend) in enumerate(panel.queries)
        ],
    }


if __name__ == "__main__":
    print(json.dumps(dashboard(), indent=2, ensure_ascii=False))
