"""Buying tickets, and reading purchases."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import signed_in
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.limits import MONEY
from luxewin.kit.http.paging import Paging, paginate_with_queries
from luxewin.kit.http.routing import Router
from luxewin.kit.http.workflow_run import run_workflow
from luxewin.kit.idempotency import InFlight
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders.public import HoldTooLarge, OrderTooLarge, PayAtOnce, TooManyUnpaidOrders
from luxewin.modules.payments.public import GatewayUnavailable, GatewayUnknown, PaymentDeclined
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import (
    Excluded,
    NotEligible,
    PersonalLimitReached,
    Purchase,
    PurchaseUnknown,
    RaffleNotOpen,
    RaffleSecrets,
    RaffleSoldOut,
    RaffleUnknown,
    SkillAnswerWrong,
    SpendLimitReached,
    StaffExcluded,
)
from luxewin.workflows.buy_tickets.schemas import NewPurchase, PurchaseView
from luxewin.workflows.buy_tickets.workflow import PurchaseDetails, buy_tickets, details_of
from luxewin.workflows.pay_order.routes import present

router = Router("raffles")
BUY_TICKETS = signed_in("raffles.buy")
READ_PURCHASES = signed_in("raffles.purchases.read")
_UNKNOWN_OUTCOME: dict[int | str, dict[str, Any]] = {
    202: {"model": PurchaseView, "description": "The outcome is not known yet; it resolves by itself"}
}


@router.operation(
    "POST",
    "/raffles/{raffle_id}/purchases",
    permission=BUY_TICKETS,
    rate_limit=MONEY,
    response_model=PurchaseView,
    status=201,
    errors=(
        RaffleUnknown,
        RaffleNotOpen,
        RaffleSoldOut,
        PersonalLimitReached,
        SkillAnswerWrong,
        StaffExcluded,
        Excluded,
        NotEligible,
        SpendLimitReached,
        OrderTooLarge,
        TooManyUnpaidOrders,
        HoldTooLarge,
        PayAtOnce,
        GatewayUnknown,
        GatewayUnavailable,
        PaymentDeclined,
        InFlight,
    ),
    extra_responses=_UNKNOWN_OUTCOME,
)
async def purchase_tickets(context: CurrentContext, raffle_id: UUID, body: NewPurchase) -> Response:
    """Buy tickets of a raffle.

    With `payment` they are paid at once: 201 with their numbers and salts, 202 while the outcome is unknown, 402 if the
    payment was declined. Unpaid tickets are reserved until their order expires, in the limits of
    the shop; pay it like any order. A purchase is a
    line of its order, with the same id.
    """
    completed = await run_workflow(
        context,
        lambda run: buy_tickets(run, raffle_id, body),
        partial(present, view=_view, request_id=context.request_id),
    )
    return response(completed.response)


@router.operation(
    "GET",
    "/purchases",
    permission=READ_PURCHASES,
    response_model=Page[PurchaseView],
    errors=(InvalidCursor,),
    holds_secrets=True,
)
async def list_purchases(context: CurrentContext, paging: Paging) -> Response:
    """List your purchases of tickets, newest first."""
    entrant_id = context.principal.user_id
    assert entrant_id is not None, "the permission requires an account"

    async def views(tx: Transaction, purchases: Sequence[Purchase]) -> list[PurchaseView]:
        found = await details_of(tx, purchases, secrets=context.service(RaffleSecrets))
        return [_view(details) for details in found]

    page = await paginate_with_queries(
        context,
        paging,
        listing=f"purchases/{entrant_id}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: raffles.list_purchases(tx, entrant_id, before=before, limit=limit),
        key=lambda purchase: (purchase.created_at, purchase.id),
        views=views,
    )
    return response(json_response(page))


@router.operation(
    "GET",
    "/purchases/{purchase_id}",
    permission=READ_PURCHASES,
    response_model=PurchaseView,
    errors=(PurchaseUnknown,),
    holds_secrets=True,
)
async def read_purchase(context: CurrentContext, purchase_id: UUID) -> Response:
    """Read one of your purchases, with the salts of its tickets."""

    async def query(tx: Transaction) -> PurchaseView:
        purchase = await raffles.find_purchase(tx, purchase_id, entrant_id=context.principal.user_id)
        (details,) = await details_of(tx, [purchase], secrets=context.service(RaffleSecrets))
        return _view(details)

    return response(json_response(await context.transaction(query)))


def _view(details: PurchaseDetails) -> PurchaseView:
    return PurchaseView.of(details.purchase, details.tickets, payment_status=details.payment_status)
