"""The cases that take several steps: their requests, their steps, and the allowed states at the end."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2

from tests.workflows.market import TOTAL, Market, pay_with

Request = Callable[[], Awaitable[httpx2.Response]]
STOCK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowCase:
    """A request that takes several steps, and the states of the shop that are allowed at its end.

    An end is the order's status, the money that the gateway holds, and the available units.
    """

    begin: Callable[[Market, str], Awaitable[Request]]
    steps: tuple[str, ...]
    status: int
    end: tuple[str, int, int]
    end_without_a_repeat: frozenset[tuple[str, int, int]]


async def check_out_and_pay(market: Market, key: str) -> Request:
    await market.buyer.add_to_cart(await market.create_variant(stock=STOCK))
    return lambda: market.buyer.check_out("tok_visa", key=key)


async def check_out_only(market: Market, key: str) -> Request:
    await market.buyer.add_to_cart(await market.create_variant(stock=STOCK))
    return lambda: market.buyer.check_out(key=key)


async def pay(market: Market, key: str) -> Request:
    order = await market.buyer.place_order(await market.create_variant(stock=STOCK))
    return lambda: market.buyer.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"), key=key)


async def confirm(market: Market, key: str) -> Request:
    order = await market.buyer.place_order(await market.create_variant(stock=STOCK), "tok_3ds")
    url = order["payments"][0]["next_action"]["url"]
    return lambda: market.buyer.post(url, {"approve": True}, key=key)


async def refund(market: Market, key: str) -> Request:
    order = await market.buyer.place_order(await market.create_variant(stock=STOCK), "tok_visa")
    body = {"amount": {"amount": 4_000, "currency": "USD"}, "reason": "scratched"}
    return lambda: market.staff.post(f"/orders/{order['id']}/refunds", body, key=key)


async def cancel_paid(market: Market, key: str) -> Request:
    order = await market.buyer.place_order(await market.create_variant(stock=STOCK), "tok_visa")
    return lambda: market.buyer.post(f"/orders/{order['id']}/cancel", {}, key=key)


async def cancel_unpaid(market: Market, key: str) -> Request:
    order = await market.buyer.place_order(await market.create_variant(stock=STOCK))
    return lambda: market.buyer.post(f"/orders/{order['id']}/cancel", {}, key=key)


async def cancel_while_the_buyer_is_asked(market: Market, key: str) -> Request:
    order = await market.buyer.place_order(await market.create_variant(stock=STOCK), "tok_3ds")
    return lambda: market.buyer.post(f"/orders/{order['id']}/cancel", {}, key=key)


PAID, ENDED = ("paid", TOTAL, STOCK - 1), ("cancelled", 0, STOCK)
WAITING = ("pending_payment", 0, STOCK - 1)
CHARGED = ("commit", "call charge", "answer", "commit")
REFUNDED = ("commit", "commit", "commit", "call refund", "answer", "commit", "commit")
CASES = {
    "check out and pay": WorkflowCase(
        begin=check_out_and_pay, steps=CHARGED, status=201, end=PAID, end_without_a_repeat=frozenset({PAID})
    ),
    "check out only": WorkflowCase(
        begin=check_out_only, steps=("commit",), status=201, end=WAITING, end_without_a_repeat=frozenset({WAITING})
    ),
    "pay": WorkflowCase(begin=pay, steps=CHARGED, status=201, end=PAID, end_without_a_repeat=frozenset({PAID})),
    "confirm": WorkflowCase(
        begin=confirm,
        steps=("commit", "call confirm", "answer", "commit"),
        status=201,
        end=PAID,
        end_without_a_repeat=frozenset({WAITING, PAID}),
    ),
    "refund": WorkflowCase(
        begin=refund,
        steps=("commit", *REFUNDED),
        status=201,
        end=("paid", TOTAL - 4_000, STOCK - 1),
        end_without_a_repeat=frozenset({("paid", TOTAL - 4_000, STOCK - 1)}),
    ),
    "cancel a paid order": WorkflowCase(
        begin=cancel_paid,
        steps=("commit", "commit", "commit", *REFUNDED),
        status=200,
        end=ENDED,
        end_without_a_repeat=frozenset({PAID, ENDED}),
    ),
    "cancel an unpaid order": WorkflowCase(
        begin=cancel_unpaid,
        steps=("commit", "commit", "commit", "commit"),
        status=200,
        end=ENDED,
        end_without_a_repeat=frozenset({WAITING, ENDED}),
    ),
    "cancel while the buyer is asked": WorkflowCase(
        begin=cancel_while_the_buyer_is_asked,
        steps=("commit", "call void", "answer", "commit", "commit", "commit", "commit"),
        status=200,
        end=ENDED,
        end_without_a_repeat=frozenset({WAITING, ENDED}),
    ),
}


async def shop_state(market: Market) -> tuple[str, int, int]:
    """Return the status of the shop's one order, the money that the gateway holds, and the available units."""
    orders = await market.rows("SELECT status FROM orders_orders WHERE tenant_id = $1")
    assert len(orders) <= 1
    books = await market.gateway_totals()
    ((available,),) = await market.rows(
        "SELECT sum(available)::bigint AS available FROM inventory_stock WHERE tenant_id = $1"
    )
    return orders[0]["status"] if orders else "none", books.held_minor, available


async def must_be_settled(market: Market) -> None:
    """Assert that nothing is payable or unfinished, every invariant holds, and income equals the gateway's money."""
    money = await market.money()
    assert (money["order_clearing"], money["refunds_payable"]) == (0, 0)
    assert -(money["own_sales"] + money["shipping_income"]) == (await market.gateway_totals()).held_minor
    unfinished = await market.rows(
        "SELECT id FROM payments_attempts WHERE tenant_id = $1 AND status IN ('created', 'unknown')"
        " UNION ALL SELECT id FROM payments_refunds WHERE tenant_id = $1 AND status <> 'executed'"
    )
    assert unfinished == []
    assert await market.find_violations() == []
