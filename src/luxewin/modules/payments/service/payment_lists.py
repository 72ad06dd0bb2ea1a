"""Payments as staff read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import repository
from luxewin.modules.payments.domain.attempts import Attempt, AttemptStatus
from luxewin.modules.payments.domain.refunds import Refund
from luxewin.modules.payments.domain.summary import PaymentEvent
from luxewin.modules.payments.service.attempts import attempt as find


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """An attempt with its events and refunds."""

    attempt: Attempt
    events: Sequence[PaymentEvent]
    refunds: Sequence[Refund]


async def payment_page(
    tx: Transaction,
    *,
    order_id: UUID | None,
    status: AttemptStatus | None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Attempt]:
    """Return a page of payments, newest first."""
    return await repository.attempt_page(tx, order_id=order_id, status=status, before=before, limit=limit)


async def payment_details(tx: Transaction, attempt_id: UUID) -> PaymentDetails:
    """Return a payment with its events and refunds.

    Raises:
        PaymentUnknown: there is no payment with this id.
    """
    return PaymentDetails(
        attempt=await find(tx, attempt_id),
        events=await repository.events_of_attempt(tx, attempt_id),
        refunds=await repository.refunds_of_attempt(tx, attempt_id),
    )
