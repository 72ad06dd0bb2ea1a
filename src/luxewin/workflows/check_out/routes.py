"""POST /orders."""

from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PaymentDeclined
from luxewin.kit.http.context import CurrentContext, response
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import InFlight
from luxewin.modules.cart.public import CartChanged, CartEmpty
from luxewin.modules.inventory.public import SoldOut
from luxewin.modules.orders.public import (
    EmailRequired,
    ItemUnavailable,
    OrderTooLarge,
    OrderView,
    ShippingAddressRequired,
)
from luxewin.modules.payments.public import GatewayUnknown
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
from luxewin.modules.shipping.public import ShippingMethodUnknown
from luxewin.workflows.check_out.schemas import NewOrder
from luxewin.workflows.check_out.workflow import check_out
from luxewin.workflows.pay_order.routes import UNKNOWN_OUTCOME

router = Router("orders", credential_headers=("x-cart-token",))
PLACE_ORDER = everyone("orders.place")


@router.operation(
    "POST",
    "/orders",
    permission=PLACE_ORDER,
    answers=OrderView,
    status=201,
    refuses=(
        CartEmpty,
        CartChanged,
        SoldOut,
        ItemUnavailable,
        OrderTooLarge,
        EmailRequired,
        ShippingAddressRequired,
        ShippingMethodUnknown,
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
        PaymentDeclined,
        InFlight,
    ),
    also=UNKNOWN_OUTCOME,
)
async def place_order(context: CurrentContext, body: NewOrder) -> Response:
    """Order everything in the cart.

    With `payment` the order is paid at once: 201 and `paid`, 202 while the outcome is unknown, 402 where it was
    declined; the order then stays payable until it expires. Without `payment` it waits, and holds its stock until
    `expires_at`. Tickets are bought with an account, by the rules of their raffle; they have numbers once the order is
    paid, and each line of them is a purchase (`GET /purchases/{id}`). A guest sends `X-Cart-Token` and `email`, and
    gets an `order_token` that opens the order later.
    """
    return response(await check_out(context, body))
