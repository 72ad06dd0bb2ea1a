"""Webhooks that somebody who knows the secret has signed: only what the gateway itself reports is booked."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from uuid import UUID

import orjson
import pytest

from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.workflows.reconcile_payments.workflow import TRIES_WITHOUT_PAYMENT, WEBHOOK_TRIES, apply_due_webhooks
from tests.workflows.market import TOTAL, Market
from tests.workflows.webhook_sender import SignedWebhook, WebhookSender


@pytest.fixture
def sender(market: Market) -> WebhookSender:
    """The sender of webhooks, who knows the secret."""
    return WebhookSender(market)


async def unpaid(market: Market, token: str = "tok_3ds") -> tuple[UUID, UUID]:
    """Place an order whose payment holds no money; return the ids of the order and of the payment."""
    order = await market.buyer.place_order(await market.create_variant(), token)
    return UUID(order["id"]), UUID(order["payments"][0]["id"])


def with_dispute(webhook: SignedWebhook, reference: str, amount: int) -> SignedWebhook:
    """Return the webhook with a dispute."""
    event = orjson.loads(webhook.body)
    event |= {"id": "evt_forged", "type": "charge.disputed", "dispute": {"reference": reference, "amount": amount}}
    return replace(webhook, body=orjson.dumps(event))


async def entries(market: Market) -> int:
    """Return how many postings the ledger has."""
    ((count,),) = await market.rows("SELECT count(*) FROM ledger_postings WHERE tenant_id = $1")
    return int(count)


async def test_a_forged_capture_with_a_valid_signature_books_nothing_and_is_recorded(
    market: Market, sender: WebhookSender
) -> None:
    order_id, payment_id = await unpaid(market)
    before = await market.buyer.read_order(order_id)
    assert (await sender.deliver(await sender.about(payment_id))).status_code == 204
    assert await market.buyer.read_order(order_id) == before
    assert await entries(market) == 0
    ((result,),) = await market.rows("SELECT result FROM payments_webhook_deliveries WHERE tenant_id = $1")
    assert result == "contradicted"
    assert (await market.flow.published_events()).count("payments.webhook_contradicted") == 1
    audited = await market.rows("SELECT action FROM kit_audit WHERE tenant_id = $1")
    assert ("payments.webhook_contradicted",) in [tuple(row) for row in audited]
    await market.pass_time(seconds=10)
    assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 0


@pytest.mark.parametrize("amount", [1, TOTAL - 1, TOTAL + 1, 99_999_999])
async def test_the_amount_of_a_webhook_is_never_booked(market: Market, sender: WebhookSender, amount: int) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_slow")
    await market.pass_time(seconds=6)
    (webhook,) = await sender.written()
    forged = replace(webhook, body=webhook.body.replace(str(TOTAL).encode(), str(amount).encode()))
    assert forged.body != webhook.body
    assert (await sender.deliver(forged)).status_code == 204
    paid = await market.buyer.read_order(order["id"])
    assert (paid["status"], paid["payments"][0]["amount"]["amount"]) == ("paid", TOTAL)
    assert (await sender.deliver(webhook)).status_code == 204
    results = await market.rows("SELECT result FROM payments_webhook_deliveries WHERE tenant_id = $1 ORDER BY 1")
    assert [row["result"] for row in results] == ["applied", "contradicted"]
    assert await market.buyer.read_order(order["id"]) == paid


async def test_a_forged_dispute_takes_no_money_back(market: Market, sender: WebhookSender) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    posted, payment_id = await entries(market), UUID(order["payments"][0]["id"])
    forged = with_dispute(await sender.about(payment_id), "dp_forged", TOTAL)
    assert (await sender.deliver(forged)).status_code == 204
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "paid"
    assert await entries(market) == posted
    assert (await market.flow.published_events()).count("payments.webhook_contradicted") == 1


async def test_a_forged_event_does_not_take_the_place_of_the_one_with_its_id(
    market: Market, sender: WebhookSender
) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_dispute")
    (webhook,) = await sender.written()
    forged = replace(webhook, body=webhook.body.replace(b"sim_dp_", b"sim_xx_"))
    for premature in (webhook, forged):
        assert (await sender.deliver(premature)).status_code == 204
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "paid"
    await market.pass_time(seconds=3)
    assert (await sender.deliver(webhook)).status_code == 204
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "disputed"
    assert (await market.gateway_totals()).held_minor == 0


async def test_a_refund_cannot_be_claimed_by_a_webhook(market: Market, sender: WebhookSender) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    webhook = await sender.about(UUID(order["payments"][0]["id"]))
    forged = replace(webhook, body=webhook.body.replace(b"charge.captured", b"charge.refunded"))
    refused = await sender.deliver(forged)
    assert (refused.status_code, refused.json()["code"]) == (400, "payments.webhook_refused")
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "paid"


async def test_a_payment_of_another_tenant_is_not_touched_and_the_webhook_is_given_up(
    market: Market, sender: WebhookSender, other_market: Market
) -> None:
    theirs = await other_market.buyer.place_order(await other_market.create_variant(), "tok_slow")
    await other_market.pass_time(seconds=6)
    webhook = await sender.about(UUID(theirs["payments"][0]["id"]))
    assert (await sender.deliver(webhook)).status_code == 204
    for _ in range(TRIES_WITHOUT_PAYMENT):
        await market.pass_time(seconds=4000)
        assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 1
    await market.pass_time(seconds=4000)
    assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 0
    assert (await other_market.buyer.read_order(theirs["id"]))["payment_status"] == "unknown"
    ((result,),) = await market.rows("SELECT result FROM payments_webhook_deliveries WHERE tenant_id = $1")
    assert result == "given_up"
    assert await entries(market) == 0
    assert await other_market.deliver() == 1


async def test_a_webhook_waits_while_the_gateway_cannot_be_asked(market: Market, sender: WebhookSender) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_slow")
    await market.pass_time(seconds=6)
    (webhook,) = await sender.written()
    market.simulator.inject_fault("retrieve", Fault.OUTAGE)
    assert (await sender.deliver(webhook)).status_code == 204
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "unknown"
    await market.pass_time(seconds=10)
    assert await apply_due_webhooks(market.database, market.directory, market.gateways) == 1
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "paid"


async def test_a_webhook_that_was_given_up_is_tried_again_when_it_is_sent_again(
    market: Market, sender: WebhookSender
) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_slow")
    await market.pass_time(seconds=6)
    (webhook,) = await sender.written()
    market.simulator.inject_fault("retrieve", Fault.OUTAGE, times=2)
    await sender.deliver(webhook)
    await market.as_owner(
        "UPDATE payments_webhook_deliveries SET tries = $2 WHERE tenant_id = $1", market.tenant.id, WEBHOOK_TRIES - 1
    )
    await market.pass_time(seconds=10)
    await apply_due_webhooks(market.database, market.directory, market.gateways)
    ((result,),) = await market.rows("SELECT result FROM payments_webhook_deliveries WHERE tenant_id = $1")
    assert result == "given_up"
    assert (await sender.deliver(webhook)).status_code == 204
    assert (await market.buyer.read_order(order["id"]))["payment_status"] == "paid"


async def test_a_webhook_asks_the_gateway_once_and_an_order_does_not_ask_twice(
    market: Market, sender: WebhookSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    apply = market.simulator._faults.apply

    def count(operation: str) -> AbstractAsyncContextManager[Fault | None]:
        asked.append(operation)
        return apply(operation)

    monkeypatch.setattr(market.simulator._faults, "apply", count)
    await market.buyer.place_order(await market.create_variant(), "tok_dispute")
    assert asked == ["charge"]
    await market.pass_time(seconds=3)
    (webhook,) = await sender.written()
    for _ in range(3):
        await sender.deliver(webhook)
    assert asked == ["charge", "retrieve"]
