"""Disputes: the buyer's bank takes money back until the dispute is decided."""

from typing import Any
from uuid import UUID, uuid5

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger import public as ledger
from luxewin.modules.payments import repository
from luxewin.modules.payments.domain.attempts import Attempt
from luxewin.modules.payments.domain.gateway_messages import Dispute
from luxewin.modules.payments.events import PaymentDisputed
from luxewin.modules.payments.service.clearing import dispute_transfer

_LAST_ID = UUID(int=2**128 - 1)


async def open_dispute(tx: Transaction, attempt: Attempt, amount: Money, reference: str) -> list[Write]:
    """Return the writes that post a dispute (disputes / gateway clearing); none if it is posted already.

    Raises:
        PaymentChanged: (at the flush) the attempt has captured nothing, or changed at the same time.
    """
    dispute = Dispute(reference, amount)
    dispute_id = uuid5(attempt.id, f"disputed {reference}")
    if await repository.event_exists(tx, dispute_id):
        return []
    money: dict[str, Any] = {"amount_minor": amount.minor, "currency": amount.currency}
    tx.publish(
        PaymentDisputed(
            aggregate_id=attempt.id,
            aggregate_version=attempt.version + 1,
            attempt_id=attempt.id,
            order_id=attempt.order_id,
            gateway=attempt.gateway,
            reference=reference,
            **money,
        )
    )
    tx.audit("payments.disputed", target=attempt.id, after={"order_id": attempt.order_id, **money})
    return [
        repository.dispute_attempt(tx, attempt, dispute),
        repository.add_dispute_event(tx, attempt, dispute_id, dispute),
        *ledger.post(tx, dispute_transfer(attempt, dispute_id, dispute)),
    ]


async def disputed_orders(tx: Transaction, *, since: UUID) -> list[UUID]:
    """Return the orders with a disputed payment that are not older than an id, which is in order of time."""
    return await repository.disputed_orders(tx, first=since, last=_LAST_ID)


async def is_disputed(tx: Transaction, order_id: UUID) -> bool:
    """Return whether a payment of an order is disputed."""
    return bool(await repository.disputed_orders(tx, first=order_id, last=order_id))
