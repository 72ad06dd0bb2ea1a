"""POST /orders."""

from functools import partial

from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, response, with_member
from luxewin.kit.http.limits import MONEY
from luxewin.kit.http.routing import Router
from luxewin.kit.http.workflow_run import run_workflow
from luxewin.kit.idempotency import Completed, InFlight, StoredResponse
from luxewin.modules.cart.public import CartChanged, CartEmpty, CartTokenUnknown, TooManyLines, TooManyUnits
from luxewin.modules.inventory.public import SoldOut
from luxewin.modules.line_kinds.public import KINDS
from luxewin.modules.orders.public import (
    EmailRequired,
    HoldTooLarge,
    ItemUnavailable,
    OrderTokens,
    OrderTooLarge,
    OrderView,
    PayAtOnce,
    ShippingAddressRequired,
    TooManyUnpaidOrders,
    TotalChanged,
)
from luxewin.modules.payments.public import GatewayUnavailable, GatewayUnknown, PaymentDeclined
from luxewin.modules.raffles.public import (
    AccountRequired,
    Excluded,
    NotEligible,
    PersonalLimitReached,
    RaffleNotOpen,
    RaffleSoldOut,
    SkillAnswerWrong,
    SpendLimitReached,
    StaffExcluded,
)
from luxewin.modules.shipping.public import DestinationNotServed, ShippingMethodUnknown
from luxewin.workflows.check_out.schemas import NewOrder
from luxewin.workflows.check_out.workflow import check_out
from luxewin.workflows.pay_order.routes import UNKNOWN_OUTCOME, present

router = Router("orders", rate_limit=MONEY, credential_headers=("x-cart-token",))
PLACE_ORDER = everyone("orders.place")
_SELECTION_ERRORS = tuple(error for kind in KINDS.kinds for error in kind.selection_errors)


@router.operation(
    "POST",
    "/orders",
    permission=PLACE_ORDER,
    response_model=OrderView,
    status=201,
    errors=(
        CartEmpty,
        CartChanged,
        CartTokenUnknown,
        PreconditionFailed,
        TotalChanged,
        *_SELECTION_ERRORS,
        TooManyLines,
        TooManyUnits,
        SoldOut,
        ItemUnavailable,
        OrderTooLarge,
        TooManyUnpaidOrders,
        HoldTooLarge,
        PayAtOnce,
        EmailRequired,
        ShippingAddressRequired,
        ShippingMethodUnknown,
        DestinationNotServed,
        AccountRequired,
        RaffleNotOpen,
        RaffleSoldOut,
        PersonalLimitReached,
        SkillAnswerWrong,
        StaffExcluded,
        Excluded,
        NotEligible,
        SpendLimitReached,
        GatewayUnknown,
        GatewayUnavailable,
        PaymentDeclined,
        InFlight,
    ),
    extra_responses=UNKNOWN_OUTCOME,
)
async def place_order(context: CurrentContext, body: NewOrder) -> Response:
    """Order everything in the cart, or `items` without a cart.

    What the body does not have comes from the cart (`PUT /cart`). With `expected_total` an order of another total is
    refused with `orders.total_changed`, which shows the new one; with the cart's `ETag` as `If-Match` an order is
    refused if the cart, or what it costs, has changed.

    With `payment` the order is paid at once: 201 and `paid`, 202 while the outcome is unknown, 402 if the payment was
    declined; the order then stays payable until it expires. Without `payment` its stock is reserved until `expires_at`,
    in the limits of the shop: `orders.too_many_unpaid`, `orders.hold_too_large` and `orders.pay_at_once` say which.
    Tickets need an account, and follow the rules of their raffle; they get numbers when the order is paid, and each
    line of tickets is a purchase (`GET /purchases/{id}`). A guest sends `X-Cart-Token` and `email`, and gets an
    `order_token` that opens the order later.
    """
    completed = await run_workflow(
        context,
        lambda run: check_out(run, body),
        partial(present, view=OrderView.of, request_id=context.request_id),
    )
    return response(_with_order_token(context, completed))


def _with_order_token(context: RequestContext, completed: Completed) -> StoredResponse:
    """Add a guest's order token, which no stored response contains, to the order or to the problem document.

    The token derives from the order's id, which is the id of the intent.
    """
    if context.principal.user_id is not None:
        return completed.response
    token = context.service(OrderTokens).of(completed.intent_id)
    return with_member(completed.response, "order_token", token)
