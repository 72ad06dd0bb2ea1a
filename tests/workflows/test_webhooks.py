"""Webhooks: verified by signature, stored before the response, applied once, in any order of arrival."""

import asyncio
from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Outcome, OutcomeStatus
from luxewin.workflows.pay_order.steps import record
from luxewin.workflows.reconcile_payments.workflow import apply_due_webhooks
from tests.workflows.market import TOTAL, Market
from tests.workflows.mortality import Killed
from tests.workflows.webhook_sender import WebhookSender, forged


@pytest.fixture
def sender(market: Market) -> WebhookSender:
    """The sender of the gateway's webhooks."""
    return WebhookSender(market)


async def slow_order(market: Market) -> UUID:
    """Place an order whose payment is captured some seconds later; return it once that has happened."""
    order = await market.buyer.place_order(await market.create_variant(), "tok_slow")
    assert order["payment_status"] == "unknown"
    await market.pass_time(seconds=6)
    return UUID(order["id"])


async def test_a_webhook_pays_the_order_whose_outcome_was_unknown(market: Market) -> None:
    order_id = await slow_order(market)
    assert await market.deliver() == 1
    assert (await market.buyer.read_order(order_id))["status"] == "paid"


async def test_a_webhook_that_arrives_ten_times_at_once_and_once_more_has_one_effect(
    market: Market, sender: WebhookSender
) -> None:
    order_id = await slow_order(market)
    (webhook,) = await sender.written()
    answers = await asyncio.gather(*(sender.deliver(webhook) for _ in range(10)))
    assert {answer.status_code for answer in [*answers, await sender.deliver(webhook)]} == {204}
    order = await market.buyer.read_order(order_id)
    assert [entry["status"] for entry in order["history"]] == ["pending_payment", "paid"]
    assert (await market.flow.published_events()).count("orders.order_paid") == 1
    assert [row["handled"] for row in await sender.stored()] == [True]


@pytest.mark.parametrize("after", [1, 2])
async def test_a_webhook_whose_receiver_crashes_is_applied_by_the_sweep_or_by_its_repeat(
    market: Market, sender: WebhookSender, after: int
) -> None:
    order_id = await slow_order(market)
    (webhook,) = await sender.written()
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await sender.deliver(webhook)
    assert market.process.steps == ["commit"] * after
    market.process.restart()
    await market.pass_time(seconds=10)
    await apply_due_webhooks(market.database, market.directory, market.gateways)
    assert (await market.buyer.read_order(order_id))["status"] == "paid"
    assert (await sender.deliver(webhook)).status_code == 204
    assert (await market.flow.published_events()).count("orders.order_paid") == 1


async def test_a_webhook_whose_receiver_crashed_is_applied_at_its_repeat(market: Market, sender: WebhookSender) -> None:
    order_id = await slow_order(market)
    (webhook,) = await sender.written()
    market.process.crash_after(1)
    with pytest.raises(Killed):
        await sender.deliver(webhook)
    market.process.restart()
    assert (await sender.deliver(webhook)).status_code == 204
    assert (await market.buyer.read_order(order_id))["status"] == "paid"


async def test_a_webhook_may_arrive_before_the_response_that_it_overtook(market: Market, sender: WebhookSender) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    market.process.crash_after(3)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_slow", key="one")
    market.process.restart()
    await market.pass_time(seconds=6)
    (webhook,) = await sender.written()
    assert (await sender.deliver(webhook)).status_code == 204
    ((attempt_id,),) = await market.rows("SELECT id FROM payments_attempts WHERE tenant_id = $1")
    late = Outcome(OutcomeStatus.CAPTURED, "late", Money(TOTAL, "USD"))
    for overtaken in (Outcome.unknown("processing"), late):
        await record(market.database, market.tenant, SYSTEM, attempt_id, overtaken)
    await market.pass_time(seconds=31)
    answer = await market.buyer.check_out("tok_slow", key="one")
    assert (answer.status_code, answer.json()["status"], answer.json()["payment_status"]) == (201, "paid", "paid")
    assert (await market.gateway_totals()).captured_minor == TOTAL


async def test_a_dispute_that_arrives_before_its_capture_records_both(market: Market, sender: WebhookSender) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    market.process.crash_after(3)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_dispute")
    market.process.restart()
    await market.pass_time(seconds=3)
    (webhook,) = await sender.written()
    for _ in range(2):
        assert (await sender.deliver(webhook)).status_code == 204
    ((order_id,),) = await market.rows("SELECT id FROM orders_orders WHERE tenant_id = $1")
    order = await market.buyer.read_order(order_id)
    assert (order["status"], order["payment_status"]) == ("paid", "disputed")
    assert (await market.gateway_totals()).held_minor == 0
    for path, person in (("cancel", market.buyer), ("refunds", market.staff)):
        refused = await person.post(f"/orders/{order_id}/{path}", {"reason": "the bank has the money"})
        assert (refused.status_code, refused.json()["code"]) == (409, "payments.refund_exceeds_capture")
        assert "disputed" in refused.json()["detail"]
    assert await market.buyer.read_order(order_id) == order


async def test_a_webhook_that_cannot_be_applied_is_stored_postponed_and_delays_no_other(
    market: Market, sender: WebhookSender
) -> None:
    stranger = await sender.about_nothing()
    assert (await sender.deliver(stranger)).status_code == 204
    order_id = await slow_order(market)
    (webhook,) = await sender.written()
    market.process.crash_after(1)
    with pytest.raises(Killed):
        await sender.deliver(webhook)
    market.process.restart()
    await market.pass_time(seconds=10)
    assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 2
    assert (await market.buyer.read_order(order_id))["status"] == "paid"
    (postponed,) = [row for row in await sender.stored() if not row["handled"]]
    assert (postponed["tries"], postponed["put_off"]) == (1, True)
    assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 0


async def test_a_webhook_without_a_valid_and_recent_signature_is_refused_and_stores_nothing(
    market: Market, sender: WebhookSender
) -> None:
    order_id = await slow_order(market)
    (webhook,) = await sender.written()
    for forgery in forged(webhook):
        refused = await sender.deliver(forgery)
        assert (refused.status_code, refused.json()["code"]) == (400, "payments.webhook_refused")
    for header in ("", "t=1,v1=", "t=1,v1=" + "0" * 64, "no signature at all"):
        assert (await sender.deliver(webhook, **{"Simulator-Signature": header})).status_code == 400
    assert await sender.stored() == []
    assert (await market.buyer.read_order(order_id))["status"] == "pending_payment"
    assert (await sender.deliver(webhook)).status_code == 204


async def test_a_body_that_was_changed_in_transit_is_refused(market: Market, sender: WebhookSender) -> None:
    order_id = await slow_order(market)
    (webhook,) = await sender.written()
    changed = replace(webhook, body=webhook.body.replace(b"10990", b"99999"))
    honest = await sender.deliver(webhook)
    header = honest.request.headers["simulator-signature"]
    assert changed.body != webhook.body
    assert (await sender.deliver(changed, **{"Simulator-Signature": header})).status_code == 400
    assert (await market.buyer.read_order(order_id))["status"] == "paid"


async def test_an_unknown_endpoint_is_not_found(sender: WebhookSender) -> None:
    webhook = await sender.about_nothing()
    other = replace(webhook, endpoint_id=UUID(int=7))
    assert (await sender.deliver(other)).status_code == 404
    assert await sender.stored() == []


async def test_the_endpoint_determines_the_tenant(market: Market, sender: WebhookSender, other_market: Market) -> None:
    order_id = await slow_order(market)
    (webhook,) = await sender.written()
    assert (await sender.deliver(webhook, **{"X-Tenant": other_market.tenant.slug})).status_code == 204
    assert (await market.buyer.read_order(order_id))["status"] == "paid"
    assert await WebhookSender(other_market).stored() == []


async def test_a_retired_endpoint_is_not_found(market: Market, sender: WebhookSender) -> None:
    webhook = await sender.about_nothing()
    await market.database.run(market.tenant, SYSTEM, partial(_retire, endpoint_id=webhook.endpoint_id))
    assert (await sender.deliver(webhook)).status_code == 404


async def _retire(tx: Transaction, endpoint_id: UUID) -> None:
    payments.retire_endpoint(tx, endpoint_id)
