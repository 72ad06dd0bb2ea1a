"""The metrics of payments with an unknown outcome."""

from typing import Any

from luxewin.kit.observability.metrics import LeaderGauge
from luxewin.modules.payments.repository.unknown_outcomes import unknown_payments, unknown_refunds

_UNKNOWN = LeaderGauge("luxewin_payments_unknown", "Payments and refunds whose outcome is unknown", "kind")
_UNKNOWN_OLDEST = LeaderGauge(
    "luxewin_payments_unknown_oldest_seconds", "Age of the oldest payment or refund whose outcome is unknown", "kind"
)


async def measure_unknown(connection: Any) -> None:
    """Set the metrics: the number of payments and refunds of all tenants with an unknown outcome, and their age."""
    for kind, unknown in (
        ("payment", await unknown_payments(connection)),
        ("refund", await unknown_refunds(connection)),
    ):
        _UNKNOWN.set(unknown.count, kind)
        _UNKNOWN_OLDEST.set(unknown.oldest_seconds, kind)
