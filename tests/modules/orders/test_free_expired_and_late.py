"""Orders that are free, that expire, and whose money is captured too late."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.money import LARGEST_AMOUNT_MINOR, Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.orders import public as orders
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import PAYMENT_WINDOW, OrderStatus
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.modules.payments.public import Charge
from luxewin.workflows.expire_orders.workflow import expire_due_orders
from luxewin.workflows.pay_order.steps import record
from luxewin.workflows.reconcile_payments.workflow import resolve_due_attempts
from tests.workflows.market import SHIPPING, TOTAL, Market, pay_with
from tests.workflows.mortality import Killed

AFTER_THE_WINDOW = (PAYMENT_WINDOW + timedelta(seconds=1)).total_seconds()


async def expire(market: Market) -> int:
    return await expire_due_orders(market.database, market.tenant, market.gateways)


async def free_goods(market: Market) -> UUID:
    """Sell something that costs nothing and is not sent."""
    variant_id = await market.create_variant(price_minor=0)
    await market.shop.execute(
        "UPDATE catalog_variants SET requires_shipping = false WHERE tenant_id = $1 AND id = $2", variant_id
    )
    return variant_id


@pytest.mark.parametrize("token", [None, "tok_visa", "tok_declined"])
async def test_an_order_that_costs_nothing_is_paid_without_a_payment(market: Market, token: str | None) -> None:
    variant_id = await free_goods(market)
    await market.buyer.add_to_cart(variant_id, 2)
    market.process.restart()
    answer = await market.buyer.check_out(token, key="one")
    order = answer.json()
    assert (answer.status_code, order["status"], order["totals"]["total"]["amount"]) == (201, "paid", 0)
    assert order["payment_status"] == "paid"
    assert (order["payments"], order["expires_at"], market.process.gateway_calls()) == ([], None, [])
    assert [entry["status"] for entry in order["history"]] == ["pending_payment", "paid"]
    assert await market.stock.numbers(variant_id) == (3, 0)
    assert (await market.buyer.check_out(token, key="one")).json() == order
    cancelled = await market.buyer.post(f"/orders/{order['id']}/cancel", {})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.json()["payment_status"] == "paid"
    assert await market.stock.numbers(variant_id) == (5, 0)


async def test_an_unpaid_order_releases_its_stock_when_it_expires_and_not_before(market: Market) -> None:
    variant_id = await market.create_variant()
    order = await market.buyer.place_order(variant_id, quantity=2)
    assert (await expire(market), await market.stock.available(variant_id)) == (0, 3)
    await market.pass_time(seconds=AFTER_THE_WINDOW)
    assert (await expire(market), await market.stock.available(variant_id)) == (1, 5)
    assert (await expire(market), await market.stock.statuses(UUID(order["id"]))) == (0, ["expired"])
    late = await market.buyer.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (late.status_code, late.json()["code"]) == (409, "orders.not_payable")
    assert (await market.flow.published_events()).count("orders.order_expired") == 1


async def test_an_order_past_its_window_is_not_payable_even_before_the_sweep_has_expired_it(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant())
    await market.pass_time(seconds=AFTER_THE_WINDOW)
    late = await market.buyer.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (late.status_code, late.json()["code"]) == (409, "orders.not_payable")
    assert (await market.gateway_totals()).captured_minor == 0


async def test_an_order_with_an_unknown_payment_does_not_expire_until_the_outcome_is_known(market: Market) -> None:
    variant_id = await market.create_variant()
    market.simulator.inject_fault("charge", Fault.OUTAGE)
    order = await market.buyer.place_order(variant_id, "tok_visa")
    await market.pass_time(seconds=AFTER_THE_WINDOW)
    assert (await expire(market), await market.stock.available(variant_id)) == (0, 4)
    await resolve_due_attempts(market.database, market.directory, market.gateways)
    assert (await expire(market), await market.stock.available(variant_id)) == (1, 5)
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "unpaid"


async def test_orders_with_unknown_payments_do_not_delay_the_expiry_of_others(market: Market) -> None:
    market.simulator.inject_fault("charge", Fault.OUTAGE)
    await market.buyer.place_order(await market.create_variant(), "tok_visa")
    unpaid = await market.buyer.place_order(await market.create_variant())
    await market.pass_time(seconds=AFTER_THE_WINDOW)
    first = partial(orders.due_orders, stuck_for=timedelta(days=1), limit=1)
    due = await market.database.run(market.tenant, SYSTEM, first)
    assert due == [(UUID(unpaid["id"]), False)]
    await market.sweep()


async def test_a_payment_that_waits_for_the_buyer_is_voided_when_its_order_expires(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    await market.pass_time(seconds=AFTER_THE_WINDOW)
    market.process.restart()
    assert (await expire(market), market.process.gateway_calls()) == (1, ["void"])
    seen = await market.buyer.read_order(order["id"])
    assert (seen["status"], seen["payments"][0]["status"]) == ("expired", "expired")
    url = order["payments"][0]["next_action"]["url"]
    late = await market.buyer.post(url, {"approve": True})
    assert (late.status_code, late.json()["code"]) == (409, "payments.nothing_to_confirm")
    assert (await market.simulator.confirm(UUID(order["payments"][0]["id"]), None, approve=True)).status == "voided"


async def approve_and_crash(market: Market, order: dict[str, Any]) -> None:
    """Let the buyer approve a payment, and crash before its capture is recorded."""
    market.process.crash_after(3)
    with pytest.raises(Killed):
        await market.buyer.post(order["payments"][0]["next_action"]["url"], {"approve": True})
    market.process.restart()
    assert (await market.buyer.read_order(order["id"]))["payments"][0]["status"] == "requires_action"


async def test_an_order_whose_buyer_approved_in_time_is_paid_and_does_not_expire(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    await approve_and_crash(market, order)
    await market.pass_time(seconds=AFTER_THE_WINDOW)
    assert await expire(market) == 0
    assert (await market.buyer.read_order(order["id"]))["status"] == "paid"


async def test_a_cancellation_that_finds_the_payment_captured_refunds_it(market: Market) -> None:
    variant_id = await market.create_variant()
    order = await market.buyer.place_order(variant_id, "tok_3ds")
    await approve_and_crash(market, order)
    cancelled = await market.buyer.post(f"/orders/{order['id']}/cancel", {})
    assert (cancelled.status_code, cancelled.json()["payment_status"]) == (200, "refunded")
    assert ((await market.gateway_totals()).held_minor, await market.stock.available(variant_id)) == (0, 5)


async def begin_payment_and_crash(market: Market, order_id: str) -> UUID:
    """Begin to pay an order, and crash before the gateway is called; return the attempt."""
    market.process.crash_after(1)
    with pytest.raises(Killed):
        await market.buyer.post(f"/orders/{order_id}/payments", pay_with("tok_visa"))
    market.process.restart()
    ((attempt_id,),) = await market.rows("SELECT id FROM payments_attempts WHERE tenant_id = $1")
    found: UUID = attempt_id
    return found


async def test_an_authorised_amount_is_voided_when_its_order_expires(market: Market) -> None:
    variant_id = await market.create_variant()
    order = await market.buyer.place_order(variant_id)
    attempt_id = await begin_payment_and_crash(market, order["id"])
    charge = Charge(
        attempt_id=attempt_id,
        amount=Money(TOTAL, "USD"),
        token="tok_visa",
        merchant=str(market.tenant.id),
        capture=False,
    )
    await record(market.database, market.tenant, SYSTEM, attempt_id, await market.simulator.charge(charge))
    await market.pass_time(seconds=AFTER_THE_WINDOW)
    assert (await expire(market), await market.stock.available(variant_id)) == (1, 5)
    seen = await market.buyer.read_order(order["id"])
    assert (seen["status"], seen["payments"][0]["status"]) == ("expired", "voided")


@pytest.mark.parametrize("ended", [OrderStatus.EXPIRED, OrderStatus.CANCELLED])
async def test_money_captured_after_its_order_has_ended_is_refunded_in_full(market: Market, ended: OrderStatus) -> None:
    variant_id = await market.create_variant()
    order = await market.buyer.place_order(variant_id)
    await begin_payment_and_crash(market, order["id"])

    async def end(tx: Transaction) -> None:
        found = await repository.find(tx, UUID(order["id"]))
        assert found is not None
        tx.write(
            *inventory.release(tx, await inventory.active_reservations(tx, found.id)),
            *repository.transition(tx, found, ended),
        )

    await market.database.run(market.tenant, SYSTEM, end)
    await market.settle_down()
    seen = await market.buyer.read_order(order["id"])
    assert (seen["status"], seen["payment_status"]) == (ended, "refunded")
    books = await market.gateway_totals()
    assert (books.captured_minor, books.refunded_minor) == (TOTAL, TOTAL)
    assert set((await market.money()).values()) == {0}
    assert await market.stock.numbers(variant_id) == (5, 0)


@pytest.mark.parametrize("price_minor", [LARGEST_AMOUNT_MINOR, LARGEST_AMOUNT_MINOR - SHIPPING + 1])
async def test_an_order_larger_than_the_largest_amount_is_refused(market: Market, price_minor: int) -> None:
    variant = await market.create_variant()
    await market.buyer.add_to_cart(variant)
    await market.shop.reprice(variant, price_minor)
    refused = await market.buyer.check_out("tok_visa")
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.total_too_large")
    ((orders,),) = await market.rows("SELECT count(*) FROM orders_orders WHERE tenant_id = $1")
    assert orders == 0
