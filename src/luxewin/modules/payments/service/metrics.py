"""What the metrics tell of payments at this moment."""

from typing import Any

from luxewin.kit.observability.metrics import Measured
from luxewin.modules.payments.repository.unknown_outcomes import unknown_payments, unknown_refunds

_UNKNOWN = Measured("luxewin_payments_unknown", "Payments and refunds whose outcome nobody knows", "kind")
_UNKNOWN_OLDEST = Measured(
    "luxewin_payments_unknown_oldest_seconds", "For how long the oldest of them has been unknown", "kind"
)


async def measure_unknown(connection: Any) -> None:
    """Tell how many payments and refunds wait for their gateway's word, of every tenant, and since when."""
    for kind, unknown in (
        ("payment", await unknown_payments(connection)),
        ("refund", await unknown_refunds(connection)),
    ):
        _UNKNOWN.tell(unknown.count, kind)
        _UNKNOWN_OLDEST.tell(unknown.oldest_seconds, kind)
