"""Buying tickets: their order is placed and paid like any other; the result describes the purchase."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.workflow_run import WorkflowRun
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart.public import BasketItem
from luxewin.modules.line_kinds.public import TICKETS, Buyer
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, PlaceItems
from luxewin.modules.payments import public as payments
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import OwnTicket, Purchase, PurchaseStatus, RaffleSecrets
from luxewin.workflows.buy_tickets.schemas import NewPurchase
from luxewin.workflows.pay_order.results import CheckoutResult
from luxewin.workflows.pay_order.steps import hold_policy
from luxewin.workflows.pay_order.workflow import Description, place_and_pay


@dataclass(frozen=True, slots=True)
class PurchaseDetails:
    """A purchase with its tickets; `payment_status` is its order's while the purchase is pending."""

    purchase: Purchase
    tickets: Sequence[OwnTicket]
    payment_status: str | None


async def buy_tickets(
    run: WorkflowRun[CheckoutResult[PurchaseDetails]], raffle_id: UUID, new: NewPurchase
) -> CheckoutResult[PurchaseDetails]:
    """Order tickets of a raffle, and pay them if `payment` is set."""
    context = run.context
    secrets = context.service(RaffleSecrets)

    async def place(tx: Transaction, order_id: UUID) -> Order:
        return await orders.place_items(tx, _command(context, raffle_id, new, order_id=order_id))

    description = Description(of=partial(_of_order, secrets=secrets))
    return await place_and_pay(run, place, method=new.payment, description=description)


async def details_of(
    tx: Transaction, purchases: Sequence[Purchase], *, secrets: RaffleSecrets
) -> list[PurchaseDetails]:
    """Return the details of purchases, for the account that made them."""
    tickets = await raffles.tickets_of(tx, purchases, secrets=secrets)
    return await _with_payment_status(tx, [(purchase, tickets[purchase.id]) for purchase in purchases])


async def _of_order(tx: Transaction, order: Order, *, secrets: RaffleSecrets) -> PurchaseDetails:
    (details,) = await _with_payment_status(tx, await raffles.tickets_of_order(tx, order.id, secrets=secrets))
    return details


async def _with_payment_status(
    tx: Transaction, bought: Sequence[tuple[Purchase, Sequence[OwnTicket]]]
) -> list[PurchaseDetails]:
    purchases = [purchase for purchase, _ in bought]
    pending = [one.order_id for one in purchases if one.order_id and one.status is PurchaseStatus.PENDING]
    payments_by_order = await payments.payments_of(tx, pending) if pending else {}
    status_of = {order_id: payment.summary.status for order_id, payment in payments_by_order.items()}
    return [
        PurchaseDetails(purchase, tickets, status_of.get(purchase.order_id or purchase.id))
        for purchase, tickets in bought
    ]


def _command(context: RequestContext, raffle_id: UUID, new: NewPurchase, *, order_id: UUID) -> PlaceItems:
    item = BasketItem(new_id(), TICKETS, raffle_id, new.quantity, new.skill_answer)
    return PlaceItems(
        order_id=order_id,
        buyer=Buyer(context.principal.user_id, context),
        items=[item],
        holds=hold_policy(context, pays_now=new.payment is not None),
    )
