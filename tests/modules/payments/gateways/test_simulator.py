"""The simulator: every token has its documented outcome, and later events are sent by signed webhooks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import orjson
import pytest

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.pools import register_json_codec
from luxewin.modules.payments.errors import GatewayConnectionError, WebhookRefused
from luxewin.modules.payments.gateways.simulator import signing
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import Charge, Dispute, GatewayTotals, OutcomeStatus, RefundInstruction
from luxewin.modules.payments.repository import simulator_ledger
from tests.conftest import TestDatabase
from tests.modules.payments.webhook_receiver import WebhookReceiver, pass_time

AMOUNT = Money(5_000, "USD")
SECRET = "whsec_of_a_test"
Forward = Callable[[float], Awaitable[None]]


@pytest.fixture
def receiver() -> WebhookReceiver:
    return WebhookReceiver()


@pytest.fixture
def merchant() -> str:
    return str(new_id())


@pytest.fixture
def forward(test_database: TestDatabase, merchant: str) -> Forward:
    return partial(pass_time, test_database, merchant)


def order(token: str, merchant: str) -> Charge:
    return Charge(attempt_id=new_id(), amount=AMOUNT, token=token, merchant=merchant)


async def subscribe(simulator: Simulator, merchant: str) -> UUID:
    endpoint_id = new_id()
    await simulator.subscribe(merchant, endpoint_id=endpoint_id, secret=SECRET, headers={"X-Tenant": "shop"})
    return endpoint_id


@pytest.mark.parametrize(
    ("token", "status", "reason"),
    [
        ("tok_visa", "captured", None),
        ("tok_dispute", "captured", None),
        ("tok_declined", "declined", "card_declined"),
        ("tok_insufficient_funds", "declined", "insufficient_funds"),
        ("tok_nobody_knows", "declined", "invalid_token"),
        ("tok_3ds", "requires_action", None),
        ("tok_slow", "unknown", "processing"),
    ],
)
async def test_a_token_has_the_documented_outcome(
    simulator: Simulator, merchant: str, token: str, status: str, reason: str | None
) -> None:
    outcome = await simulator.charge(order(token, merchant))
    assert (outcome.status, outcome.reason) == (status, reason)


async def test_tok_unknown_times_out_after_the_effect(simulator: Simulator, merchant: str) -> None:
    charge = order("tok_unknown", merchant)
    with pytest.raises(GatewayConnectionError):
        await simulator.charge(charge)
    assert await simulator.report(merchant) == [GatewayTotals("USD", 5_000, 0, 0)]


async def test_tok_slow_is_captured_after_five_seconds_with_a_webhook(
    simulator: Simulator, merchant: str, receiver: WebhookReceiver, forward: Forward
) -> None:
    endpoint_id = await subscribe(simulator, merchant)
    charge = order("tok_slow", merchant)
    await simulator.charge(charge)
    await forward(4)
    await simulator.deliver_due(receiver.client, "http://shop.test")
    assert (await simulator.report(merchant), receiver.received_about(charge.attempt_id)) == ([], [])
    await forward(1)
    found = await simulator.look_up(charge.attempt_id)
    assert found is not None
    assert (found.status, found.amount) == (OutcomeStatus.CAPTURED, AMOUNT)
    assert await simulator.report(merchant) == [GatewayTotals("USD", 5_000, 0, 0)]
    await simulator.deliver_due(receiver.client, "http://shop.test")
    (webhook,) = receiver.received_about(charge.attempt_id)
    assert webhook.url.path == f"/api/v1/payments/webhooks/simulator/{endpoint_id}"
    assert webhook.headers["x-tenant"] == "shop"
    event = simulator.verify_webhook(SECRET, webhook.headers, webhook.content, at=datetime.now(UTC))
    assert (event.attempt_id, event.outcome, event.dispute) == (charge.attempt_id, found, None)


async def test_tok_dispute_is_disputed_after_two_seconds_with_a_webhook(
    simulator: Simulator, merchant: str, receiver: WebhookReceiver, forward: Forward
) -> None:
    await subscribe(simulator, merchant)
    charge = order("tok_dispute", merchant)
    await simulator.charge(charge)
    assert await simulator.report(merchant) == [GatewayTotals("USD", 5_000, 0, 0)]
    await forward(2)
    assert await simulator.report(merchant) == [GatewayTotals("USD", 5_000, 0, 5_000)]
    await simulator.deliver_due(receiver.client, "http://shop.test")
    (webhook,) = receiver.received_about(charge.attempt_id)
    event = simulator.parse_webhook(webhook.content)
    assert event.outcome.status is OutcomeStatus.CAPTURED
    assert event.dispute == Dispute(f"sim_dp_{charge.attempt_id.hex}", AMOUNT)


async def test_a_disputed_charge_cannot_be_refunded(simulator: Simulator, merchant: str, forward: Forward) -> None:
    outcome = await simulator.charge(order("tok_dispute", merchant))
    assert outcome.reference is not None
    await forward(2)
    refund = await simulator.refund(RefundInstruction(new_id(), outcome.reference, Money(1, "USD")))
    assert (refund.status, refund.reason) == ("failed", "amount_too_large")


async def test_a_voided_slow_charge_is_not_captured_and_has_no_webhook(
    simulator: Simulator, merchant: str, receiver: WebhookReceiver, forward: Forward
) -> None:
    await subscribe(simulator, merchant)
    charge = order("tok_slow", merchant)
    await simulator.charge(charge)
    assert (await simulator.void(charge.attempt_id, None)).status is OutcomeStatus.VOIDED
    await forward(60)
    await simulator.deliver_due(receiver.client, "http://shop.test")
    assert (await simulator.report(merchant), receiver.received_about(charge.attempt_id)) == ([], [])


async def test_a_webhook_is_retried_with_a_backoff_until_it_is_delivered(
    simulator: Simulator, merchant: str, receiver: WebhookReceiver, forward: Forward
) -> None:
    await subscribe(simulator, merchant)
    charge = order("tok_dispute", merchant)
    await simulator.charge(charge)
    await forward(2)
    receiver.responses = [500, 503, 302]
    arrivals = 0
    for waited, times in ((0, 1), (0.5, 1), (0.6, 2), (1.5, 2), (0.6, 3), (3.5, 3), (0.6, 4), (3600, 4)):
        await forward(waited)
        arrivals += await simulator.deliver_due(receiver.client, "http://shop.test")
        assert len(receiver.received_about(charge.attempt_id)) == times, waited
    assert arrivals == 1
    assert len({webhook.content for webhook in receiver.received_about(charge.attempt_id)}) == 1


async def test_a_claimed_webhook_is_not_sent_by_another_worker(
    simulator: Simulator, test_database: TestDatabase, merchant: str, receiver: WebhookReceiver, forward: Forward
) -> None:
    await subscribe(simulator, merchant)
    charge = order("tok_dispute", merchant)
    await simulator.charge(charge)
    await forward(2)
    other = await asyncpg.connect(**test_database.role("simulator"))
    await register_json_codec(other)
    try:
        async with other.transaction():
            claimed = await simulator_ledger.claim_webhooks(other, limit=50)
            assert f"sim_evt_disputed_{charge.attempt_id.hex}" in {webhook.id for webhook in claimed}
            await simulator.deliver_due(receiver.client, "http://shop.test")
        await simulator.deliver_due(receiver.client, "http://shop.test")
        assert receiver.received_about(charge.attempt_id) == []
    finally:
        await other.close()


async def test_concurrent_workers_send_each_webhook_once(
    simulator: Simulator, merchant: str, receiver: WebhookReceiver, forward: Forward
) -> None:
    await subscribe(simulator, merchant)
    charges = [order("tok_dispute", merchant) for _ in range(20)]
    for charge in charges:
        await simulator.charge(charge)
    await forward(2)
    await asyncio.gather(*(simulator.deliver_due(receiver.client, "http://shop.test") for _ in range(4)))
    assert [len(receiver.received_about(charge.attempt_id)) for charge in charges] == [1] * 20


async def test_a_webhook_to_an_unreachable_shop_is_retried(
    simulator: Simulator, merchant: str, receiver: WebhookReceiver, forward: Forward
) -> None:
    def unreachable(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("nobody listens", request=request)

    await subscribe(simulator, merchant)
    charge = order("tok_dispute", merchant)
    await simulator.charge(charge)
    await forward(2)
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(unreachable)) as nowhere:
        assert await simulator.deliver_due(nowhere, "http://shop.test") == 0
    await forward(2)
    await simulator.deliver_due(receiver.client, "http://shop.test")
    assert len(receiver.received_about(charge.attempt_id)) == 1


AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BODY = b'{"id": "evt", "charge": {}}'
SIGNED = signing.signature(SECRET, BODY, at_seconds=int(AT.timestamp()))


@pytest.mark.parametrize("late_seconds", [0, 300, -300])
def test_a_signature_is_valid_for_five_minutes(late_seconds: int) -> None:
    signing.verify(SECRET, SIGNED, BODY, at=AT + timedelta(seconds=late_seconds))


@pytest.mark.parametrize(
    ("secret", "header", "body", "late_seconds"),
    [
        (SECRET, SIGNED, BODY, 301),
        (SECRET, SIGNED, BODY, -301),
        ("whsec_of_another", SIGNED, BODY, 0),
        (SECRET, SIGNED, BODY + b" ", 0),
        (SECRET, SIGNED.replace("t=1", "t=2"), BODY, 0),
        (SECRET, SIGNED.upper(), BODY, 0),
        (SECRET, SIGNED + ",v1=" + "0" * 64, BODY, 0),
        (SECRET, "", BODY, 0),
        (SECRET, "t=,v1=", BODY, 0),
    ],
)
def test_another_secret_body_or_time_is_refused(secret: str, header: str, body: bytes, late_seconds: int) -> None:
    with pytest.raises(WebhookRefused):
        signing.verify(secret, header, body, at=AT + timedelta(seconds=late_seconds))


EVENT: dict[str, Any] = {
    "id": "evt",
    "type": "charge.captured",
    "charge": {
        "attempt_id": "0199a1b2-0000-7000-8000-000000000001",
        "reference": "ch",
        "status": "captured",
        "amount": 9,
        "currency": "USD",
    },
}
CHARGE = EVENT["charge"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        *map(
            orjson.dumps,
            [
                {**EVENT, "id": 5},
                {**EVENT, "id": "e" * 101},
                {**EVENT, "type": "charge.stolen"},
                {**EVENT, "charge": None},
                {**EVENT, "charge": {**CHARGE, "attempt_id": "x"}},
                {**EVENT, "charge": {**CHARGE, "status": "declined"}},
                {**EVENT, "charge": {**CHARGE, "amount": "9"}},
                {**EVENT, "charge": {**CHARGE, "amount": -1}},
                {**EVENT, "charge": {**CHARGE, "amount": 2**53}},
                {**EVENT, "charge": {**CHARGE, "currency": "usd"}},
                {**EVENT, "dispute": {"reference": "dp"}},
            ],
        ),
    ],
)
async def test_a_body_that_is_not_an_event_is_refused(simulator: Simulator, body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        simulator.parse_webhook(body)


async def test_unknown_fields_of_an_event_are_ignored(simulator: Simulator) -> None:
    assert simulator.parse_webhook(orjson.dumps({**EVENT, "livemode": False})).id == "evt"


async def test_the_simulator_cannot_read_other_tables(test_database: TestDatabase) -> None:
    connection = await asyncpg.connect(**test_database.role("simulator"))
    try:
        for table in ("payments_attempts", "ledger_postings", "kit_audit"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"SELECT * FROM {table}")
    finally:
        await connection.close()


@pytest.mark.parametrize("how", [Fault.OUTAGE, Fault.LOST_ANSWER])
async def test_a_charge_with_an_injected_fault_has_an_effect_only_if_the_response_is_lost(
    simulator: Simulator, merchant: str, how: Fault
) -> None:
    simulator.inject_fault("charge", how)
    charge = order("tok_visa", merchant)
    with pytest.raises(GatewayConnectionError):
        await simulator.charge(charge)
    assert (await simulator.look_up(charge.attempt_id) is None) is (how is Fault.OUTAGE)
    assert (await simulator.charge(charge)).status is OutcomeStatus.CAPTURED
