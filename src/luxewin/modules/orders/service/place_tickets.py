"""Placing an order of tickets alone: no cart, nothing to send, and all of it in one statement."""

from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Delivery, Order, new_order
from luxewin.modules.orders.errors import OrderTooLarge
from luxewin.modules.orders.events import OrderPlaced
from luxewin.modules.orders.service.lines import ticket_line
from luxewin.modules.orders.service.receive_payment import settle_free_order
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import RaffleSecrets, TicketRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPlacing:
    """What somebody wants of a raffle; `order_id` is given by the intent, so that a repeat is the same."""

    order_id: UUID
    user_id: UUID
    wish: TicketRequest
    secrets: RaffleSecrets


async def place_tickets(tx: Transaction, command: TicketPlacing) -> Order:
    """Order tickets, and hold them until they are paid; an order that costs nothing is paid at once.

    Raises:
        RaffleUnknown, RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, SkillAnswerWrong, StaffExcluded,
            Excluded, NotEligible, SpendLimitReached, OrderTooLarge: nothing was changed.
    """
    stakes = await raffles.quote_tickets(tx, [command.wish], entrant_id=command.user_id, secrets=command.secrets)
    currency = stakes[0].unit_price.currency
    try:
        order = new_order(
            command.order_id,
            [ticket_line(stake) for stake in stakes],
            Delivery.of_nothing(currency),
            user_id=command.user_id,
            email=None,
            currency=currency,
            at=await tx.now(),
        )
        due = order.totals.total
    except AmountTooLargeError as error:
        raise OrderTooLarge from error
    tx.write(*repository.add(tx, order))
    # Last, so that the row everybody wants is locked for as short a time as can be.
    tx.write(*raffles.hold(tx, stakes, order_id=order.id, entrant_id=command.user_id, secrets=command.secrets))
    tx.publish(OrderPlaced.of(order))
    return await settle_free_order(tx, order) if due.minor == 0 else order
