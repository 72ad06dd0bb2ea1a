"""Orders paid with each token of the simulator, to their final state."""

import asyncio
import time
from typing import Any

import httpx2
import pytest

from tests.e2e.shop import Shopper


async def wait_for_order(shopper: Shopper, order_id: str, **expected: str) -> dict[str, Any]:
    """Read an order wait_for_order it has the expected values; fail with the last response after a timeout."""
    deadline = time.monotonic() + 20
    while True:
        seen = await shopper.seen(order_id)
        if all(seen[name] == value for name, value in expected.items()):
            return seen
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.1)


async def test_a_visa_token_pays_immediately(shopper: Shopper) -> None:
    answer = await shopper.order()
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["payment_status"]) == ("paid", "paid")


@pytest.mark.parametrize(
    ("token", "reason"), [("tok_declined", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")]
)
async def test_a_declined_order_stays_payable(shopper: Shopper, token: str, reason: str) -> None:
    answer = await shopper.order(token=token)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["reason"]) == (402, "payments.declined", reason)
    assert answer.headers["content-type"] == "application/problem+json"
    seen = await wait_for_order(shopper, problem["order_id"], status="pending_payment")
    assert seen["expires_at"] is not None
    paid = await shopper.client.post(
        f"/orders/{problem['order_id']}/payments", json={"gateway": "simulator", "token": "tok_visa"}
    )
    assert (paid.status_code, paid.json()["status"]) == (201, "paid")
    again = await shopper.client.post(
        f"/orders/{problem['order_id']}/payments", json={"gateway": "simulator", "token": "tok_visa"}
    )
    assert (again.status_code, again.json()["code"]) == (409, "orders.not_payable")


@pytest.mark.parametrize(("approve", "status", "state"), [(True, 201, "paid"), (False, 402, "pending_payment")])
async def test_a_payment_with_3ds_waits_for_its_confirmation(
    shopper: Shopper, approve: bool, status: int, state: str
) -> None:
    placed = await shopper.order(token="tok_3ds")
    assert (placed.status_code, placed.json()["status"]) == (201, "pending_payment")
    payment = placed.json()["payments"][0]
    assert payment["status"] == "requires_action"
    url = payment["next_action"]["url"].removeprefix("/api/v1")
    confirmed = await shopper.client.post(url, json={"approve": approve})
    assert confirmed.status_code == status
    assert (await shopper.client.get(f"/orders/{placed.json()['id']}")).json()["status"] == state
    again = await shopper.client.post(url, json={"approve": approve})
    assert (again.status_code, again.json()["code"]) == (409, "payments.nothing_to_confirm")


@pytest.mark.parametrize("token", ["tok_unknown", "tok_slow"])
async def test_an_unknown_outcome_is_resolved_by_the_worker(shopper: Shopper, token: str) -> None:
    placed = await shopper.order(token=token)
    assert placed.status_code == 202
    assert placed.json()["payment_status"] == "unknown"
    busy = await shopper.client.post(f"/orders/{placed.json()['id']}/cancel", json={})
    assert (busy.status_code, busy.json()["code"]) == (409, "orders.payment_under_way")
    seen = await wait_for_order(shopper, placed.json()["id"], status="paid")
    assert [payment["status"] for payment in seen["payments"]] == ["captured"]


async def test_a_dispute_is_reported_by_a_webhook(shopper: Shopper) -> None:
    placed = await shopper.order(token="tok_dispute")
    assert placed.json()["status"] == "paid"
    await wait_for_order(shopper, placed.json()["id"], payment_status="disputed")


async def test_two_refunds_of_an_order_return_exactly_what_was_paid(
    shopper: Shopper, admin: httpx2.AsyncClient
) -> None:
    bought = (await shopper.order()).json()
    part = {"amount": {"amount": 5_000, "currency": "USD"}, "reason": "scratched"}
    first = await admin.post(f"/orders/{bought['id']}/refunds", json=part)
    assert (first.status_code, first.json()["status"]) == (201, "executed")
    assert (await shopper.client.get(f"/orders/{bought['id']}")).json()["payment_status"] == "part_refunded"
    too_much = {"amount": bought["totals"]["total"], "reason": "all of it"}
    refused = await admin.post(f"/orders/{bought['id']}/refunds", json=too_much)
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.refund_too_large")
    rest = await admin.post(f"/orders/{bought['id']}/refunds", json={"reason": "the rest"})
    assert rest.json()["amount"]["amount"] == bought["totals"]["total"]["amount"] - 5_000
    assert (await shopper.client.get(f"/orders/{bought['id']}")).json()["payment_status"] == "refunded"
    nothing = await admin.post(f"/orders/{bought['id']}/refunds", json={"reason": "once more"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "orders.not_refundable")


async def test_cancelling_an_order_returns_money_and_stock(shopper: Shopper, admin: httpx2.AsyncClient) -> None:
    bought = (await shopper.order()).json()
    cancelled = await shopper.client.post(f"/orders/{bought['id']}/cancel", json={"reason": "ordered twice"})
    assert cancelled.status_code == 200, cancelled.text
    assert (cancelled.json()["status"], cancelled.json()["payment_status"]) == ("cancelled", "refunded")
    assert (await admin.get(f"/products/{shopper.product['id']}")).json()["stock"] == 3
    again = await shopper.client.post(f"/orders/{bought['id']}/cancel", json={})
    assert (again.status_code, again.json()["code"]) == (409, "orders.not_cancellable")


async def test_an_unpaid_order_can_be_cancelled_and_then_not_be_paid(
    shopper: Shopper, admin: httpx2.AsyncClient
) -> None:
    placed = (await shopper.order(token=None)).json()
    assert placed["status"] == "pending_payment"
    assert (await admin.get(f"/products/{shopper.product['id']}")).json()["stock"] == 2
    cancelled = await shopper.client.post(f"/orders/{placed['id']}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    assert (await admin.get(f"/products/{shopper.product['id']}")).json()["stock"] == 3
    late = await shopper.pay(placed["id"])
    assert (late.status_code, late.json()["code"]) == (409, "orders.not_payable")
