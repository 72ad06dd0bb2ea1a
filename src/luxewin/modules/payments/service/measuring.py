"""What the metrics tell of payments at this moment."""

from typing import Any

from luxewin.kit.observability.metrics import LeaderGauge
from luxewin.modules.payments.repository.waiting import unknown_payments, unknown_refunds

_UNKNOWN = LeaderGauge("luxewin_payments_unknown", "Payments and refunds whose outcome nobody knows", "kind")
_UNKNOWN_OLDEST = LeaderGauge(
    "luxewin_payments_unknown_oldest_seconds", "For how long the oldest of them has been unknown", "kind"
)


async def measure_unknown(connection: Any) -> None:
    """Tell how many payments and refunds wait for their gateway's word, of every tenant, and since when."""
    for kind, unknown in (
        ("payment", await unknown_payments(connection)),
        ("refund", await unknown_refunds(connection)),
    ):
        _UNKNOWN.set(unknown.count, kind)
        _UNKNOWN_OLDEST.set(unknown.oldest_seconds, kind)
