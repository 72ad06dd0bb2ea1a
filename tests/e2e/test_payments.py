"""Every token of the simulator, walked to its end."""

import asyncio
import time

import httpx
import pytest

from tests.e2e.conftest import fill_cart, order


async def until(buyer: httpx.AsyncClient, order_id: str, **wanted: str) -> dict:
    """Read an order until it says what is wanted; what is never said fails with what was said last."""
    give_up_at = time.monotonic() + 20
    while True:
        seen = (await buyer.get(f"/orders/{order_id}")).json()
        if all(seen[name] == value for name, value in wanted.items()):
            return seen
        assert time.monotonic() < give_up_at, seen
        await asyncio.sleep(0.1)


@pytest.fixture
async def buyer(make_product, make_buyer):
    product = await make_product(stock=3)
    buyer = await make_buyer()
    await fill_cart(buyer, product)
    buyer.product = product
    return buyer


async def test_visa_pays_at_once(buyer) -> None:
    answer = await order(buyer)
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["payment_status"]) == ("paid", "paid")


@pytest.mark.parametrize(
    ("token", "reason"), [("tok_declined", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")]
)
async def test_a_declined_order_stays_payable(buyer, token: str, reason: str) -> None:
    answer = await order(buyer, token=token)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["reason"]) == (402, "payments.declined", reason)
    assert answer.headers["content-type"] == "application/problem+json"
    seen = await until(buyer, problem["order_id"], status="pending_payment")
    assert seen["expires_at"] is not None
    paid = await buyer.post(
        f"/orders/{problem['order_id']}/payments", json={"gateway": "simulator", "token": "tok_visa"}
    )
    assert (paid.status_code, paid.json()["status"]) == (201, "paid")
    again = await buyer.post(
        f"/orders/{problem['order_id']}/payments", json={"gateway": "simulator", "token": "tok_visa"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "orders.not_payable")


@pytest.mark.parametrize(("approve", "status", "state"), [(True, 201, "paid"), (False, 402, "pending_payment")])
async def test_a_payment_that_asks_for_a_confirmation_waits_for_it(
    buyer, approve: bool, status: int, state: str
) -> None:
    placed = await order(buyer, token="tok_3ds")
    assert (placed.status_code, placed.json()["status"]) == (201, "pending_payment")
    payment = placed.json()["payments"][0]
    assert payment["status"] == "requires_action"
    url = payment["next_action"]["url"].removeprefix("/api/v1")
    confirmed = await buyer.post(url, json={"approve": approve})
    assert confirmed.status_code == status
    assert (await buyer.get(f"/orders/{placed.json()['id']}")).json()["status"] == state
    again = await buyer.post(url, json={"approve": approve})
    assert (again.status_code, again.json()["code"]) == (409, "payments.nothing_to_confirm")


@pytest.mark.parametrize("token", ["tok_unknown", "tok_slow"])
async def test_an_unknown_outcome_resolves_by_itself(buyer, token: str) -> None:
    placed = await order(buyer, token=token)
    assert placed.status_code == 202
    assert placed.json()["payment_status"] == "unknown"
    busy = await buyer.post(f"/orders/{placed.json()['id']}/cancel", json={})
    assert (busy.status_code, busy.json()["code"]) == (409, "orders.payment_under_way")
    seen = await until(buyer, placed.json()["id"], status="paid")
    assert [payment["status"] for payment in seen["payments"]] == ["captured"]


async def test_a_disputed_payment_is_told_by_the_gateway(buyer) -> None:
    placed = await order(buyer, token="tok_dispute")
    assert placed.json()["status"] == "paid"
    await until(buyer, placed.json()["id"], payment_status="disputed")


async def test_an_order_refunded_twice_gives_back_exactly_what_was_paid(buyer, admin) -> None:
    bought = (await order(buyer)).json()
    part = {"amount": {"amount": 5_000, "currency": "USD"}, "reason": "scratched"}
    first = await admin.post(f"/orders/{bought['id']}/refunds", json=part)
    assert (first.status_code, first.json()["status"]) == (201, "executed")
    assert (await buyer.get(f"/orders/{bought['id']}")).json()["payment_status"] == "part_refunded"
    too_much = {"amount": bought["totals"]["total"], "reason": "all of it"}
    refused = await admin.post(f"/orders/{bought['id']}/refunds", json=too_much)
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.refund_too_large")
    rest = await admin.post(f"/orders/{bought['id']}/refunds", json={"reason": "the rest"})
    assert rest.json()["amount"]["amount"] == bought["totals"]["total"]["amount"] - 5_000
    assert (await buyer.get(f"/orders/{bought['id']}")).json()["payment_status"] == "refunded"
    nothing = await admin.post(f"/orders/{bought['id']}/refunds", json={"reason": "once more"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "orders.not_refundable")


async def test_a_cancelled_order_gives_money_and_stock_back(buyer, admin) -> None:
    bought = (await order(buyer)).json()
    cancelled = await buyer.post(f"/orders/{bought['id']}/cancel", json={"reason": "ordered twice"})
    assert cancelled.status_code == 200, cancelled.text
    assert (cancelled.json()["status"], cancelled.json()["payment_status"]) == ("cancelled", "refunded")
    assert (await admin.get(f"/products/{buyer.product['id']}")).json()["stock"] == 3
    again = await buyer.post(f"/orders/{bought['id']}/cancel", json={})
    assert (again.status_code, again.json()["code"]) == (409, "orders.not_cancellable")


async def test_an_unpaid_order_can_be_cancelled_and_paid_no_more(buyer, admin) -> None:
    placed = (await order(buyer, token=None)).json()
    assert placed["status"] == "pending_payment"
    assert (await admin.get(f"/products/{buyer.product['id']}")).json()["stock"] == 2
    cancelled = await buyer.post(f"/orders/{placed['id']}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    assert (await admin.get(f"/products/{buyer.product['id']}")).json()["stock"] == 3
    late = await buyer.post(f"/orders/{placed['id']}/payments", json={"gateway": "simulator", "token": "tok_visa"})
    assert (late.status_code, late.json()["code"]) == (409, "orders.not_payable")
