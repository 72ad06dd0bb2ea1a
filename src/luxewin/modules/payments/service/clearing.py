"""Where payments meet the ledger: what lies at each gateway, and whether the gateway agrees."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.payments.domain.attempts import Attempt
from luxewin.modules.payments.domain.gateway_words import Books, Dispute
from luxewin.modules.payments.domain.refunds import Refund

_GATEWAYS = UUID("5d0a3f0e-54c3-4f8e-9a64-0c1f4a4b7e21")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A currency in which a gateway's own books and our clearing account tell different stories."""

    gateway: str
    currency: str
    gateway_minor: int
    clearing_minor: int


def clearing_owner(gateway: str) -> UUID:
    """Return the owner under which a gateway has its clearing accounts."""
    return uuid5(_GATEWAYS, gateway)


def capture_transfer(attempt: Attempt) -> Transfer:
    """Money for an order has come to the gateway."""
    return Transfer.caused_by(
        "payment_captured",
        attempt.id,
        (_at_gateway(attempt.gateway, attempt.captured), Entry(AccountKind.ORDER_CLEARING, None, -attempt.captured)),
    )


def suspense_transfer(attempt: Attempt, amount: Money) -> Transfer:
    """Money that matches nothing has come to the gateway; its suspense account names the attempt."""
    return Transfer.caused_by(
        "payment_quarantined",
        attempt.id,
        (_at_gateway(attempt.gateway, amount), Entry(AccountKind.SUSPENSE, attempt.id, -amount)),
    )


def refund_transfer(refund: Refund) -> Transfer:
    """Money that was owed to the buyer has left the gateway."""
    return Transfer.caused_by(
        "refund_executed",
        refund.id,
        (Entry(AccountKind.REFUNDS_PAYABLE, None, refund.amount), _at_gateway(refund.gateway, -refund.amount)),
    )


def dispute_transfer(attempt: Attempt, dispute_id: UUID, dispute: Dispute) -> Transfer:
    """The gateway has taken money back until a dispute is decided."""
    return Transfer.caused_by(
        "dispute_opened",
        dispute_id,
        (Entry(AccountKind.DISPUTES, None, dispute.amount), _at_gateway(attempt.gateway, -dispute.amount)),
    )


async def disagreements_with(tx: Transaction, gateway: str, books: Sequence[Books]) -> list[Disagreement]:
    """Compare a gateway's own report with its clearing accounts; at rest nothing is found.

    `books` is `await gateway.report(str(tx.tenant_id))`, asked before this transaction began.
    """
    theirs = {book.currency: book.held_minor for book in books}
    ours = await ledger.balances(tx, AccountKind.GATEWAY_CLEARING, clearing_owner(gateway))
    return [
        Disagreement(gateway, currency, theirs.get(currency, 0), ours.get(currency, 0))
        for currency in sorted(theirs.keys() | ours.keys())
        if theirs.get(currency, 0) != ours.get(currency, 0)
    ]


def _at_gateway(gateway: str, amount: Money) -> Entry:
    return Entry(AccountKind.GATEWAY_CLEARING, clearing_owner(gateway), amount)
