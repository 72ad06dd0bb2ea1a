"""Orders of goods and tickets together: filling a cart, and reading stock, tickets and ledger balances afterwards."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import Market, Person
from tests.workflows.raffles.scenario import add_to_cart, expect, ticket_counts

STOCK = 5


@dataclass(frozen=True, slots=True)
class Basket:
    """The contents of a cart: one unit of a variant, and tickets of a raffle."""

    variant_id: UUID
    raffle: dict[str, Any]
    tickets: int


async def fill_cart(
    market: Market, raffle: dict[str, Any], tickets: int = 2, *, person: Person | None = None
) -> Basket:
    """Add one unit of a variant and some tickets to a person's cart."""
    buyer = person or market.buyer
    basket = Basket(await market.create_variant(stock=STOCK), raffle, tickets)
    await buyer.add_to_cart(basket.variant_id)
    expect(await add_to_cart(buyer, raffle, tickets), 201)
    return basket


def order_line(order: dict[str, Any], raffle: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the line of an order with a raffle's tickets or, without a raffle, the line with goods."""
    (line,) = [line for line in order["items"] if line["raffle_id"] == (raffle["id"] if raffle else None)]
    found: dict[str, Any] = line
    return found


async def read_purchase(person: Person, order: dict[str, Any], raffle: dict[str, Any]) -> dict[str, Any]:
    """Return the purchase of a line of tickets."""
    return expect(await person.request("GET", f"/purchases/{order_line(order, raffle)['id']}"), 200)


async def request_refund(market: Market, order: dict[str, Any], *lines: dict[str, Any], **more: Any) -> httpx2.Response:
    """Request a refund of complete lines of an order or, without lines, of the rest of the order."""
    named = [{"line_id": line["id"], "quantity": line["quantity"]} for line in lines]
    body = {"reason": "asked for", **({"lines": named} if named else {}), **more}
    return await market.staff.post(f"/orders/{order['id']}/refunds", body)


async def stock_and_tickets(market: Market, basket: Basket) -> tuple[int, int, int, int, int]:
    """Return the units on hand and reserved, and the tickets sold, held and voided."""
    ((on_hand, reserved),) = await market.rows(
        "SELECT on_hand, reserved FROM inventory_stock WHERE tenant_id = $1 AND variant_id = $2", basket.variant_id
    )
    return on_hand, reserved, *await ticket_counts(market, basket.raffle)


UNCHANGED = (STOCK, 0, 0, 0, 0)


async def booked_amounts(market: Market, *raffles: dict[str, Any]) -> tuple[int, ...]:
    """Return the ledger balances of sales, of shipping, and of the deferred revenue of each raffle."""
    sales = [await market.flow.balance(kind) for kind in (AccountKind.OWN_SALES, AccountKind.SHIPPING_INCOME)]
    deferred = [await market.flow.balance(AccountKind.RAFFLE_DEFERRED, UUID(raffle["id"])) for raffle in raffles]
    return tuple(-amount for amount in (*sales, *deferred))
