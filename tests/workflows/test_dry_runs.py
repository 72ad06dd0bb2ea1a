"""`Prefer: dry-run` returns the response of a workflow; nothing is stored, and no gateway is called."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from tests.workflows.market import ADDRESS, Market, pay_with

DryRun = Callable[[Market], Awaitable[httpx2.Response]]
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
    await market.buyer.add_to_cart(await market.create_variant())
    return await dry_run_of(market, "/orders", {"shipping_address": ADDRESS})


async def check_out_and_pay(market: Market) -> httpx2.Response:
    await market.buyer.add_to_cart(await market.create_variant())
    return await dry_run_of(market, "/orders", {"shipping_address": ADDRESS, "payment": pay_with("tok_visa")})


async def pay(market: Market) -> httpx2.Response:
    order = await market.buyer.place_order(await market.create_variant())
    return await dry_run_of(market, f"/orders/{order['id']}/payments", pay_with("tok_visa"))


async def confirm(market: Market) -> httpx2.Response:
    order = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    return await dry_run_of(market, order["payments"][0]["next_action"]["url"], {"approve": True})


async def cancel_unpaid(market: Market) -> httpx2.Response:
    order = await market.buyer.place_order(await market.create_variant())
    return await dry_run_of(market, f"/orders/{order['id']}/cancel", {})


async def cancel_while_the_buyer_is_asked(market: Market) -> httpx2.Response:
    order = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    return await dry_run_of(market, f"/orders/{order['id']}/cancel", {})


async def cancel_paid(market: Market) -> httpx2.Response:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    return await dry_run_of(market, f"/orders/{order['id']}/cancel", {})


async def refund(market: Market) -> httpx2.Response:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    body = {"reason": "all of it", "restock": True}
    return await dry_run_of(market, f"/orders/{order['id']}/refunds", body, staff=True)


async def retry_failed_refund(market: Market) -> httpx2.Response:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    market.simulator.inject_fault("refund", Fault.REFUSAL)
    failed = (await market.staff.post(f"/orders/{order['id']}/refunds", {"reason": "all of it"})).json()
    return await dry_run_of(market, f"/orders/{order['id']}/refunds/{failed['id']}/retry", {}, staff=True)


REHEARSALS: dict[DryRun, tuple[int, str]] = {
    check_out: (201, "pending_payment"),
    check_out_and_pay: (201, "pending_payment"),
    pay: (202, "pending_payment"),
    confirm: (201, "pending_payment"),
    cancel_unpaid: (200, "cancelled"),
    cancel_while_the_buyer_is_asked: (200, "cancelled"),
    cancel_paid: (200, "cancelled"),
    refund: (201, "granted"),
    retry_failed_refund: (200, "executing"),
}


async def dry_run_of(market: Market, path: str, body: Any, *, staff: bool = False) -> httpx2.Response:
    """Make a dry run with a key, and assert that nothing has changed and no gateway was called."""
    before = await traces(market)
    market.process.restart()
    person = market.staff if staff else market.buyer
    answer = await person.request("POST", path, body, key="a dry_run", dry_run=True)
    assert market.process.gateway_calls() == []
    assert await traces(market) == before
    return answer


async def traces(market: Market) -> dict[str, list[str]]:
    """Return every row that a workflow could add or change."""
    return {
        table: [
            row["row"]
            for row in await market.as_owner(
                f"SELECT t::text AS row FROM {table} t WHERE tenant_id = $1 ORDER BY 1", market.tenant.id
            )
        ]
        for table in TABLES
    }


@pytest.mark.parametrize("dry_run", REHEARSALS, ids=lambda dry_run: dry_run.__name__)
async def test_a_dry_run_returns_the_response_and_leaves_no_trace(market: Market, dry_run: DryRun) -> None:
    answer = await dry_run(market)
    assert (answer.status_code, answer.json()["status"]) == REHEARSALS[dry_run], answer.text


async def test_a_dry_run_raises_the_errors_of_the_workflow(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    again = await dry_run_of(market, f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (again.status_code, again.json()["code"]) == (409, "orders.not_payable")
    too_much = {"amount": {"amount": 10**9, "currency": "USD"}, "reason": "too much"}
    refused = await dry_run_of(market, f"/orders/{order['id']}/refunds", too_much, staff=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.refund_too_large")


async def test_a_dry_run_does_not_use_up_the_key(market: Market) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    body = {"shipping_address": ADDRESS, "payment": pay_with("tok_visa")}
    await dry_run_of(market, "/orders", body)
    done = await market.buyer.post("/orders", body, key="a dry_run")
    assert (done.status_code, done.json()["status"]) == (201, "paid")
