"""The ledger transfers of payments, and the comparison of clearing accounts with the gateways' own totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.payments.domain.attempts import Attempt
from luxewin.modules.payments.domain.gateway_messages import Dispute, GatewayTotals
from luxewin.modules.payments.domain.refunds import Refund

_GATEWAYS = UUID("5d0a3f0e-54c3-4f8e-9a64-0c1f4a4b7e21")


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A currency in which a gateway's own total and its clearing account differ."""

    gateway: str
    currency: str
    gateway_minor: int
    clearing_minor: int


def clearing_owner(gateway: str) -> UUID:
    """Return the owner id of a gateway's clearing accounts."""
    return uuid5(_GATEWAYS, gateway)


def capture_transfer(attempt: Attempt) -> Transfer:
    """Return the transfer of a capture: gateway clearing / order clearing."""
    return Transfer.caused_by(
        "payment_captured",
        attempt.id,
        (
            _clearing(attempt.gateway, attempt.captured),
            Entry(AccountKind.ORDER_CLEARING, None, -attempt.captured),
        ),
    )


def suspense_transfer(attempt: Attempt, amount: Money) -> Transfer:
    """Return the transfer of a capture that pays no order: gateway clearing / suspense, owned by the attempt."""
    return Transfer.caused_by(
        "payment_quarantined",
        attempt.id,
        (_clearing(attempt.gateway, amount), Entry(AccountKind.SUSPENSE, attempt.id, -amount)),
    )


def refund_transfer(refund: Refund) -> Transfer:
    """Return the transfer of an executed refund: refunds payable / gateway clearing."""
    return Transfer.caused_by(
        "refund_executed",
        refund.id,
        (Entry(AccountKind.REFUNDS_PAYABLE, None, refund.amount), _clearing(refund.gateway, -refund.amount)),
    )


def dispute_transfer(attempt: Attempt, dispute_id: UUID, dispute: Dispute) -> Transfer:
    """Return the transfer of a dispute: disputes / gateway clearing."""
    return Transfer.caused_by(
        "dispute_opened",
        dispute_id,
        (Entry(AccountKind.DISPUTES, None, dispute.amount), _clearing(attempt.gateway, -dispute.amount)),
    )


async def find_discrepancies(
    tx: Transaction, gateway: str, totals: Sequence[GatewayTotals] | None
) -> list[Discrepancy]:
    """Compare a gateway's own totals with its clearing accounts; nothing is found if no payment is in progress.

    `totals` is `await gateway.report(str(tx.tenant_id))`, called before this transaction began; None if the gateway has
    no report, so that there is nothing to compare.
    """
    if totals is None:
        return []
    reported = {total.currency: total.held_minor for total in totals}
    posted = await ledger.balances(tx, AccountKind.GATEWAY_CLEARING, clearing_owner(gateway))
    return [
        Discrepancy(gateway, currency, reported.get(currency, 0), posted.get(currency, 0))
        for currency in sorted(reported.keys() | posted.keys())
        if reported.get(currency, 0) != posted.get(currency, 0)
    ]


def _clearing(gateway: str, amount: Money) -> Entry:
    return Entry(AccountKind.GATEWAY_CLEARING, clearing_owner(gateway), amount)
