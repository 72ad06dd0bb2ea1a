"""The payments of orders, read for a page of orders at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import repository
from luxewin.modules.payments.domain.attempts import Attempt
from luxewin.modules.payments.domain.refunds import Refund
from luxewin.modules.payments.domain.summary import PaymentEvent, PaymentSummary, summary_of
from luxewin.modules.payments.service.attempts import Settled


@dataclass(frozen=True, slots=True)
class OrderPayments:
    """An order's attempts and refunds, oldest first, and their summary."""

    attempts: Sequence[Attempt]
    refunds: Sequence[Refund]
    summary: PaymentSummary


def first_payment(settled: Settled) -> OrderPayments:
    """Return an order's payments after its first attempt was settled, without reading them."""
    return OrderPayments([settled.attempt], (), summary_of(settled.events))


async def payments_of(tx: Transaction, order_ids: Sequence[UUID]) -> Mapping[UUID, OrderPayments]:
    """Return the payments of each order, with three queries for any number of orders."""
    attempts: dict[UUID, list[Attempt]] = defaultdict(list)
    refunds: dict[UUID, list[Refund]] = defaultdict(list)
    events: dict[UUID, list[PaymentEvent]] = defaultdict(list)
    order_of: dict[UUID, UUID] = {}
    for attempt in await repository.attempts_of(tx, order_ids):
        attempts[attempt.order_id].append(attempt)
        order_of[attempt.id] = attempt.order_id
    for refund in await repository.refunds_of(tx, order_ids):
        refunds[refund.order_id].append(refund)
    for event in await repository.events_of_orders(tx, order_ids):
        events[order_of[event.attempt_id]].append(event)
    return {id: OrderPayments(attempts[id], refunds[id], summary_of(events[id])) for id in order_ids}
