"""Orders of goods and tickets together: what lies in a cart, and how shelf, raffles and money stand afterwards."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import Market, Person
from tests.workflows.raffles.fair import counts, put, told

STOCK = 5


@dataclass(frozen=True, slots=True)
class Basket:
    """A piece of goods, and tickets of a raffle, that somebody has put into a cart."""

    variant_id: UUID
    raffle: dict[str, Any]
    tickets: int


async def filled(market: Market, raffle: dict[str, Any], tickets: int = 2, *, person: Person | None = None) -> Basket:
    """Put a piece of goods and some tickets into somebody's cart."""
    buyer = person or market.buyer
    basket = Basket(await market.goods(stock=STOCK), raffle, tickets)
    await buyer.take(basket.variant_id)
    told(await put(buyer, raffle, tickets), 201)
    return basket


def line_of(order: dict[str, Any], raffle: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the line of an order that buys a raffle's tickets, or the one that ships goods."""
    (line,) = [line for line in order["items"] if line["raffle_id"] == (raffle["id"] if raffle else None)]
    found: dict[str, Any] = line
    return found


async def purchase_of(person: Person, order: dict[str, Any], raffle: dict[str, Any]) -> dict[str, Any]:
    """Read the purchase that a line of tickets is."""
    return told(await person.ask("GET", f"/purchases/{line_of(order, raffle)['id']}"), 200)


async def give_back(market: Market, order: dict[str, Any], *lines: dict[str, Any], **more: Any) -> httpx2.Response:
    """Refund whole lines of an order; without any, all that is left."""
    named = [{"line_id": line["id"], "quantity": line["quantity"]} for line in lines]
    body = {"lines": named, "reason": "asked for", **more}
    return await market.staff.post(f"/orders/{order['id']}/refunds", body)


async def standing(market: Market, basket: Basket) -> tuple[int, int, int, int, int]:
    """Return what is on hand and reserved of the goods, and sold, held and voided of the tickets."""
    ((on_hand, reserved),) = await market.rows(
        "SELECT on_hand, reserved FROM inventory_stock WHERE tenant_id = $1 AND variant_id = $2", basket.variant_id
    )
    return on_hand, reserved, *await counts(market, basket.raffle)


UNTOUCHED = (STOCK, 0, 0, 0, 0)


async def booked(market: Market, *raffles: dict[str, Any]) -> tuple[int, ...]:
    """Return what is booked as sales and as shipping, and what is deferred for each raffle."""
    sales = [await market.flow.balance(kind) for kind in (AccountKind.OWN_SALES, AccountKind.SHIPPING_INCOME)]
    deferred = [await market.flow.balance(AccountKind.RAFFLE_DEFERRED, UUID(raffle["id"])) for raffle in raffles]
    return tuple(-amount for amount in (*sales, *deferred))
