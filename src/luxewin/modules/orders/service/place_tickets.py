"""Placing an order of tickets alone: no cart, nothing to send, and all of it in one statement."""

from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError, Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import PAYMENT_WINDOW, Order, OrderLine, OrderStatus, new_number, totals_of
from luxewin.modules.orders.errors import OrderTooLarge
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import RaffleSecrets, Stake, Wish

_TICKET = "ticket"
_NOTHING_TO_SHIP = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlacing:
    """What somebody wants of a raffle; `order_id` is given by the intent, so that a repeat is the same."""

    order_id: UUID
    user_id: UUID
    wish: Wish
    secrets: RaffleSecrets


async def place_tickets(tx: Transaction, placing: TicketPlacing) -> Order:
    """Order tickets, and hold them until they are paid; an order that costs nothing is paid at once.

    Raises:
        RaffleUnknown, RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, SkillAnswerWrong, StaffExcluded,
            Excluded, NotEligible, SpendLimitReached, OrderTooLarge: nothing was changed.
    """
    stakes = await raffles.stakes(tx, [placing.wish], entrant_id=placing.user_id, secrets=placing.secrets)
    try:
        order = await _order(tx, placing, [ticket_line(stake) for stake in stakes])
        due = order.totals.total
    except AmountTooLargeError as error:
        raise OrderTooLarge from error
    tx.write(*repository.add(tx, order))
    # Last, so that the row everybody wants is locked for as short a time as can be.
    tx.write(
        *raffles.hold(tx, stakes, order_id=order.id, entrant_id=placing.user_id, secrets=placing.secrets),
    )
    tx.announce(OrderPlaced.of(order))
    return await settle_free_order(tx, order) if due.minor == 0 else order


def ticket_line(stake: Stake) -> OrderLine:
    """Return the line of an order that buys tickets; tickets are not taxed."""
    return OrderLine(
        id=stake.id,
        kind=_TICKET,
        variant_id=None,
        product_id=None,
        product_slug=None,
        raffle_id=stake.raffle_id,
        name=stake.title,
        sku=None,
        options={},
        image_url=None,
        vendor_id=None,
        quantity=stake.quantity,
        unit_price=stake.unit_price,
        tax=Money.zero(stake.unit_price.currency),
    )


async def _order(tx: Transaction, placing: TicketPlacing, lines: list[OrderLine]) -> Order:
    now = await tx.now()
    currency = lines[0].unit_price.currency
    return Order(
        id=placing.order_id,
        number=new_number(),
        user_id=placing.user_id,
        email=None,
        status=OrderStatus.PENDING_PAYMENT,
        currency=currency,
        lines=lines,
        totals=totals_of(lines, shipping=Money.zero(currency), currency=currency),
        shipping_method=_NOTHING_TO_SHIP,
        shipping_address=None,
        placed_at=now,
        expires_at=now + PAYMENT_WINDOW,
        version=1,
    )
