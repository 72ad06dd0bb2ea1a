"""A gateway that fails in every way: nothing is charged twice or lost, and every outcome is resolved."""

from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.modules.payments.public import Charge, OutcomeStatus
from luxewin.workflows.expire_orders.workflow import expire_due_orders
from luxewin.workflows.reconcile_payments.workflow import finish_due_refunds, resolve_due_attempts
from tests.workflows.market import TOTAL, Market, pay_with
from tests.workflows.mortality import Killed


async def interrupted(market: Market, how: Fault, token: str = "tok_visa") -> dict[str, Any]:
    """Place an order whose charge fails in this way; return the order of the response."""
    market.simulator.inject_fault("charge", how)
    await market.buyer.add_to_cart(await market.create_variant())
    answer = await market.buyer.check_out(token)
    assert answer.status_code == 202, answer.text
    order: dict[str, Any] = answer.json()
    assert order["status"] == "pending_payment"
    return order


async def resolve(market: Market) -> None:
    await resolve_due_attempts(market.database, market.directory, market.gateways)


def payments_of(order: dict[str, Any]) -> list[str]:
    return [payment["status"] for payment in order["payments"]]


@pytest.mark.parametrize("how", [Fault.LOST_ANSWER, Fault.OUTAGE])
async def test_a_charge_without_a_response_is_unknown_until_it_is_looked_up_and_is_made_once(
    market: Market, how: Fault
) -> None:
    order = await interrupted(market, how)
    assert (order["payment_status"], payments_of(order)) == ("unknown", ["unknown"])
    await market.pass_time(seconds=10)
    await resolve(market)
    seen = await market.buyer.read_order(order["id"])
    assert (seen["status"], payments_of(seen)) == ("paid", ["captured"])
    await market.settle_down()
    assert (await market.gateway_totals()).captured_minor == TOTAL


async def test_a_charge_whose_decline_was_lost_is_declined_by_the_look_up_and_the_order_can_still_be_paid(
    market: Market,
) -> None:
    order = await interrupted(market, Fault.LOST_ANSWER, token="tok_declined")
    busy = await market.buyer.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (busy.status_code, busy.json()["code"]) == (409, "payments.in_progress")
    await market.pass_time(seconds=10)
    await resolve(market)
    paid = await market.buyer.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (paid.status_code, payments_of(paid.json())) == (201, ["declined", "captured"])
    assert (await market.gateway_totals()).captured_minor == TOTAL


@pytest.mark.parametrize("how", [Fault.LOST_ANSWER, Fault.OUTAGE])
async def test_a_required_action_that_was_lost_is_returned_after_the_look_up(market: Market, how: Fault) -> None:
    order = await interrupted(market, how, token="tok_3ds")
    await market.pass_time(seconds=10)
    await resolve(market)
    (payment,) = (await market.buyer.read_order(order["id"]))["payments"]
    assert payment["status"] == "requires_action"
    confirmed = await market.buyer.post(payment["next_action"]["url"], {"approve": True})
    assert (confirmed.status_code, confirmed.json()["status"]) == (201, "paid")


async def test_a_look_up_without_a_response_decides_nothing(market: Market) -> None:
    order = await interrupted(market, Fault.LOST_ANSWER)
    market.simulator.inject_fault("look_up", Fault.OUTAGE)
    await market.pass_time(minutes=5)
    await resolve(market)
    assert payments_of(await market.buyer.read_order(order["id"])) == ["unknown"]
    await market.pass_time(seconds=10)
    await resolve(market)
    assert payments_of(await market.buyer.read_order(order["id"])) == ["captured"]


async def test_a_charge_that_never_arrived_is_repeated_within_a_minute_with_the_same_parameters(
    market: Market,
) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    market.process.crash_after(2)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_3ds")
    market.process.restart()
    await market.pass_time(seconds=50)
    await resolve(market)
    assert market.process.gateway_calls() == ["charge"]
    ((order_id,),) = await market.rows("SELECT id FROM orders_orders WHERE tenant_id = $1")
    (payment,) = (await market.buyer.read_order(order_id))["payments"]
    confirmed = await market.buyer.post(payment["next_action"]["url"], {"approve": True})
    assert (confirmed.status_code, confirmed.json()["status"]) == (201, "paid")


async def test_a_charge_that_never_arrived_is_voided_after_a_minute_and_refused_if_it_arrives_later(
    market: Market,
) -> None:
    order = await interrupted(market, Fault.OUTAGE)
    await market.pass_time(seconds=61)
    market.process.restart()
    await resolve(market)
    assert market.process.gateway_calls() == ["void"]
    (payment,) = (await market.buyer.read_order(order["id"]))["payments"]
    assert payment["status"] == "voided"
    late = Charge(
        attempt_id=UUID(payment["id"]),
        amount=Money(TOTAL, "USD"),
        token="tok_visa",
        merchant=str(market.tenant.id),
    )
    assert (await market.simulator.charge(late)).status is OutcomeStatus.VOIDED
    assert (await market.gateway_totals()).captured_minor == 0
    paid = await market.buyer.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (paid.status_code, paid.json()["status"]) == (201, "paid")


async def test_a_capture_of_another_amount_is_quarantined_and_pays_nothing(market: Market) -> None:
    order = await interrupted(market, Fault.WRONG_AMOUNT)
    assert payments_of(order) == ["quarantined"]
    suspense = await market.flow.balance(AccountKind.SUSPENSE, UUID(order["payments"][0]["id"]))
    assert suspense == -(TOTAL + 1)
    await market.settle_down()
    seen = await market.buyer.read_order(order["id"])
    assert (seen["status"], payments_of(seen)) == ("pending_payment", ["quarantined"])
    paid = await market.buyer.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (paid.status_code, payments_of(paid.json())) == (201, ["quarantined", "captured"])


@pytest.mark.parametrize("how", [Fault.LOST_ANSWER, Fault.OUTAGE])
async def test_a_refund_without_a_response_is_executed_once(market: Market, how: Fault) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    market.simulator.inject_fault("refund", how)
    body = {"amount": {"amount": 4_000, "currency": "USD"}, "reason": "scratched"}
    answer = await market.staff.post(f"/orders/{order['id']}/refunds", body)
    assert (answer.status_code, answer.json()["status"]) == (202, "unknown")
    await market.pass_time(seconds=10)
    await finish_due_refunds(market.database, market.directory, market.gateways)
    (refund,) = (await market.staff.read_order(order["id"]))["refunds"]
    assert refund["status"] == "executed"
    assert (await market.gateway_totals()).refunded_minor == 4_000
    assert (await market.money())["refunds_payable"] == 0


async def test_a_refund_that_the_gateway_refuses_stays_payable(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    market.simulator.inject_fault("refund", Fault.REFUSAL)
    answer = await market.staff.post(f"/orders/{order['id']}/refunds", {"reason": "all of it"})
    assert (answer.status_code, answer.json()["status"]) == (201, "failed")
    assert (await market.money())["refunds_payable"] == -TOTAL
    assert (await market.gateway_totals()).held_minor == TOTAL


async def test_a_failed_refund_is_retried_on_request_and_never_executed_twice(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    market.simulator.inject_fault("refund", Fault.REFUSAL)
    failed = (await market.staff.post(f"/orders/{order['id']}/refunds", {"reason": "all of it"})).json()
    retry = f"/orders/{order['id']}/refunds/{failed['id']}/retry"
    again = await market.staff.post(retry, {}, key="again")
    assert (again.status_code, again.json()["status"]) == (200, "executed")
    assert (await market.staff.post(retry, {}, key="again")).content == again.content
    assert (await market.money()).get("refunds_payable", 0) == 0
    assert (await market.gateway_totals()).held_minor == 0
    twice = await market.staff.post(retry, {})
    assert (twice.status_code, twice.json()["code"]) == (409, "orders.refund_not_failed")
    assert (await market.gateway_totals()).held_minor == 0


async def test_a_void_without_a_response_keeps_the_order_until_the_outcome_is_known(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    market.simulator.inject_fault("void", Fault.LOST_ANSWER)
    unsure = await market.buyer.post(f"/orders/{order['id']}/cancel", {})
    assert (unsure.status_code, unsure.json()["code"]) == (409, "orders.payment_under_way")
    await market.pass_time(seconds=10)
    await resolve(market)
    cancelled = await market.buyer.post(f"/orders/{order['id']}/cancel", {})
    assert (cancelled.status_code, payments_of(cancelled.json())) == (200, ["expired"])


async def test_a_gateway_that_is_down_delays_the_expiry_of_its_own_orders_only(market: Market) -> None:
    asked = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    unpaid = await market.buyer.place_order(await market.create_variant())
    await market.pass_time(minutes=31)
    market.simulator.inject_fault("look_up", Fault.OUTAGE, times=10)
    for _ in range(10):
        await market.gateways.get("simulator").look_up(new_id())
    assert await expire_due_orders(market.database, market.tenant, market.gateways) == 1
    assert (await market.buyer.read_order(unpaid["id"]))["status"] == "expired"
    assert (await market.buyer.read_order(asked["id"]))["status"] == "pending_payment"
