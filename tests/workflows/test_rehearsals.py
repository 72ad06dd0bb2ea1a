"""`Prefer: dry-run` shows what a story would answer; nothing is kept of it, and no gateway hears of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.workflows.market import ADDRESS, Market, pay_with

Rehearsal = Callable[[Market], Awaitable[httpx2.Response]]
TABLES = (
    "kit_idempotency_keys",
    "kit_outbox",
    "kit_audit",
    "cart_carts",
    "orders_orders",
    "orders_lines",
    "orders_history",
    "orders_refunds",
    "inventory_stock",
    "inventory_reservations",
    "inventory_movements",
    "payments_attempts",
    "payments_events",
    "payments_refunds",
    "ledger_transfers",
    "ledger_postings",
)


async def check_out(market: Market) -> httpx2.Response:
    await market.buyer.take(await market.goods())
    return await rehearsed(market, "/orders", {"shipping_address": ADDRESS})


async def check_out_and_pay(market: Market) -> httpx2.Response:
    await market.buyer.take(await market.goods())
    return await rehearsed(market, "/orders", {"shipping_address": ADDRESS, "payment": pay_with("tok_visa")})


async def pay(market: Market) -> httpx2.Response:
    order = await market.buyer.placed(await market.goods())
    return await rehearsed(market, f"/orders/{order['id']}/payments", pay_with("tok_visa"))


async def confirm(market: Market) -> httpx2.Response:
    order = await market.buyer.placed(await market.goods(), "tok_3ds")
    return await rehearsed(market, order["payments"][0]["next_action"]["url"], {"approve": True})


async def cancel_unpaid(market: Market) -> httpx2.Response:
    order = await market.buyer.placed(await market.goods())
    return await rehearsed(market, f"/orders/{order['id']}/cancel", {})


async def cancel_while_the_buyer_is_asked(market: Market) -> httpx2.Response:
    order = await market.buyer.placed(await market.goods(), "tok_3ds")
    return await rehearsed(market, f"/orders/{order['id']}/cancel", {})


async def cancel_paid(market: Market) -> httpx2.Response:
    order = await market.buyer.placed(await market.goods(), "tok_visa")
    return await rehearsed(market, f"/orders/{order['id']}/cancel", {})


async def refund(market: Market) -> httpx2.Response:
    order = await market.buyer.placed(await market.goods(), "tok_visa")
    body = {"reason": "all of it", "restock": True}
    return await rehearsed(market, f"/orders/{order['id']}/refunds", body, staff=True)


REHEARSALS: dict[Rehearsal, tuple[int, str]] = {
    check_out: (201, "pending_payment"),
    check_out_and_pay: (201, "pending_payment"),
    pay: (202, "pending_payment"),
    confirm: (201, "pending_payment"),
    cancel_unpaid: (200, "cancelled"),
    cancel_while_the_buyer_is_asked: (200, "cancelled"),
    cancel_paid: (200, "cancelled"),
    refund: (201, "granted"),
}


async def rehearsed(market: Market, path: str, body: Any, *, staff: bool = False) -> httpx2.Response:
    """Rehearse under a key, and see that nothing has changed and nobody was asked."""
    before = await traces(market)
    market.thread.mend()
    person = market.staff if staff else market.buyer
    answer = await person.ask("POST", path, body, key="a rehearsal", dry_run=True)
    assert market.thread.words() == []
    assert await traces(market) == before
    return answer


async def traces(market: Market) -> dict[str, list[str]]:
    """Return every row that a story could leave behind or change."""
    return {
        table: [
            row["row"]
            for row in await market.as_owner(
                f"SELECT t::text AS row FROM {table} t WHERE tenant_id = $1 ORDER BY 1", market.tenant.id
            )
        ]
        for table in TABLES
    }


@pytest.mark.parametrize("rehearsal", REHEARSALS, ids=lambda rehearsal: rehearsal.__name__)
async def test_a_rehearsal_shows_the_answer_and_leaves_no_trace(market: Market, rehearsal: Rehearsal) -> None:
    answer = await rehearsal(market)
    assert (answer.status_code, answer.json()["status"]) == REHEARSALS[rehearsal], answer.text


async def test_a_rehearsal_refuses_what_the_story_would_refuse(market: Market) -> None:
    order = await market.buyer.placed(await market.goods(), "tok_visa")
    again = await rehearsed(market, f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (again.status_code, again.json()["code"]) == (409, "orders.not_payable")
    too_much = {"amount": {"amount": 10**9, "currency": "USD"}, "reason": "too much"}
    refused = await rehearsed(market, f"/orders/{order['id']}/refunds", too_much, staff=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.refund_too_large")


async def test_what_was_rehearsed_can_be_done_under_the_same_key(market: Market) -> None:
    await market.buyer.take(await market.goods())
    body = {"shipping_address": ADDRESS, "payment": pay_with("tok_visa")}
    await rehearsed(market, "/orders", body)
    done = await market.buyer.post("/orders", body, key="a rehearsal")
    assert (done.status_code, done.json()["status"]) == (201, "paid")
