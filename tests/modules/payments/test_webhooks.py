"""Webhooks: accepted only with the secret of their endpoint, stored before they are handled, applied once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.gateways.simulator import scripts, signing, webhooks
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import (
    AttemptStatus,
    EndpointSecrets,
    EndpointUnknown,
    GatewayEvent,
    NewEndpoint,
    WebhookHandled,
    WebhookRefused,
)
from tests.modules.payments.payment_flow import USD_129, PaymentFlow

SECRETS = EndpointSecrets(b"the master key of one test, long")


@dataclass(frozen=True, slots=True)
class Signed:
    """A webhook as the gateway sends it."""

    headers: Mapping[str, str]
    body: bytes


async def open_endpoint(database: Database, tenant: Tenancy) -> NewEndpoint:
    async with database.begin(tenant, SYSTEM) as tx:
        return payments.open_endpoint(tx, SECRETS, gateway="simulator")


async def signed(database: Database, secret: str, attempt_id: UUID, *, token: str = "tok_slow", age: int = 0) -> Signed:
    charge = payments.Charge(attempt_id=attempt_id, amount=USD_129, token=token, merchant="m")
    (scheduled,) = webhooks.scheduled_webhooks(charge, USD_129, scripts.script_of(token))
    async with database.system() as connection:
        now = int(await connection.fetchval("SELECT extract(epoch FROM now())"))
    header = signing.signature(secret, scheduled.body, at_seconds=now - age)
    return Signed({signing.HEADER.lower(): header}, scheduled.body)


class WebhookSteps:
    """The steps of the workflow that receives webhooks."""

    def __init__(self, flow: PaymentFlow) -> None:
        self.flow = flow

    async def verified(self, endpoint_id: UUID, webhook: Signed, *, gateway_name: str = "simulator") -> GatewayEvent:
        async def use_case(tx: Transaction) -> GatewayEvent:
            return await payments.verify_event(
                tx,
                self.flow.gateway,
                SECRETS,
                endpoint_id=endpoint_id,
                gateway_name=gateway_name,
                headers=webhook.headers,
                body=webhook.body,
            )

        return await self.flow.database.run(self.flow.tenant, SYSTEM, use_case)

    async def stored(self, endpoint_id: UUID, event: GatewayEvent, body: bytes) -> bool:
        async def use_case(tx: Transaction) -> bool:
            return await payments.store_webhook(
                tx, endpoint_id=endpoint_id, gateway_name="simulator", event=event, body=body
            )

        return await self.flow.database.run(self.flow.tenant, SYSTEM, use_case)

    async def applied(self, event: GatewayEvent) -> None:
        async def use_case(tx: Transaction) -> None:
            tx.write(*payments.settle(tx, await payments.attempt(tx, event.attempt_id), event.outcome).writes)
            tx.write(payments.mark_webhook_handled(tx, gateway_name="simulator", event_id=event.id))

        await self.flow.database.run(self.flow.tenant, SYSTEM, use_case)


@pytest.fixture
def steps(flow: PaymentFlow) -> WebhookSteps:
    return WebhookSteps(flow)


async def test_a_webhook_that_is_repeated_takes_effect_once(
    steps: WebhookSteps, flow: PaymentFlow, database: Database
) -> None:
    endpoint, attempt = await open_endpoint(database, flow.tenant), await flow.begin()
    webhook = await signed(database, endpoint.secret, attempt.id)
    for time in range(3):
        event = await steps.verified(endpoint.id, webhook)
        due = await steps.stored(endpoint.id, event, webhook.body)
        assert due is (time == 0)
        if due:
            await steps.applied(event)
    assert (await flow.attempt(attempt.id)).status is AttemptStatus.CAPTURED
    assert await flow.published_events() == ["payments.payment_captured"]


async def test_a_webhook_that_was_stored_and_not_handled_is_due(
    steps: WebhookSteps, flow: PaymentFlow, database: Database, simulator: Simulator
) -> None:
    endpoint, attempt = await open_endpoint(database, flow.tenant), await flow.begin()
    webhook = await signed(database, endpoint.secret, attempt.id)
    event = await steps.verified(endpoint.id, webhook)
    assert [await steps.stored(endpoint.id, event, webhook.body) for _ in range(2)] == [True, True]

    async def due() -> list[str]:
        async with database.system() as connection:
            found = await payments.due_webhooks(connection, 0, limit=10_000)
        return [one.event_id for one in found if one.tenant_id == flow.tenant.id]

    assert await due() == [event.id]
    async with database.begin(flow.tenant, SYSTEM) as tx:
        stored = await payments.stored_event(tx, simulator, gateway_name="simulator", event_id=event.id)
        assert stored == event
        tx.write(payments.retry_webhook_later(tx, gateway_name="simulator", event_id=event.id))
    assert await due() == []
    await steps.applied(event)
    assert await steps.stored(endpoint.id, event, webhook.body) is False


async def test_a_webhook_that_is_handled_concurrently_takes_effect_once(
    steps: WebhookSteps, flow: PaymentFlow, database: Database
) -> None:
    endpoint, attempt = await open_endpoint(database, flow.tenant), await flow.begin()
    webhook = await signed(database, endpoint.secret, attempt.id)
    event = await steps.verified(endpoint.id, webhook)
    await steps.stored(endpoint.id, event, webhook.body)
    outcomes = await asyncio.gather(*(steps.applied(event) for _ in range(6)), return_exceptions=True)
    assert [one for one in outcomes if one is None] == [None]
    assert {type(one) for one in outcomes if one is not None} <= {WebhookHandled, payments.PaymentChanged}
    assert await flow.published_events() == ["payments.payment_captured"]


@pytest.mark.parametrize("age", [301, -301])
async def test_a_replay_outside_the_tolerance_is_refused(
    steps: WebhookSteps, flow: PaymentFlow, database: Database, age: int
) -> None:
    endpoint = await open_endpoint(database, flow.tenant)
    with pytest.raises(WebhookRefused):
        await steps.verified(endpoint.id, await signed(database, endpoint.secret, new_id(), age=age))


async def test_the_age_of_a_webhook_ignores_the_clock_of_a_sandbox(
    flow: PaymentFlow, database: Database, simulator: Simulator
) -> None:
    ahead = PaymentFlow(database, replace(flow.tenant, clock_offset=timedelta(days=400)), simulator)
    endpoint = await open_endpoint(database, flow.tenant)
    webhook = await signed(database, endpoint.secret, new_id())
    assert (await WebhookSteps(ahead).verified(endpoint.id, webhook)).id


async def test_the_secret_of_another_endpoint_or_tenant_is_refused(
    steps: WebhookSteps, flow: PaymentFlow, database: Database, other_tenant: Tenancy
) -> None:
    ours, second = [await open_endpoint(database, flow.tenant) for _ in range(2)]
    theirs = await open_endpoint(database, other_tenant)
    for secret in (second.secret, theirs.secret, ""):
        with pytest.raises(WebhookRefused):
            await steps.verified(ours.id, await signed(database, secret, new_id()))


async def test_an_endpoint_of_another_tenant_or_gateway_or_a_retired_one_does_not_exist(
    steps: WebhookSteps, flow: PaymentFlow, database: Database, other_tenant: Tenancy
) -> None:
    ours, theirs = await open_endpoint(database, flow.tenant), await open_endpoint(database, other_tenant)
    with pytest.raises(EndpointUnknown):
        await steps.verified(theirs.id, await signed(database, theirs.secret, new_id()))
    webhook = await signed(database, ours.secret, new_id())
    with pytest.raises(EndpointUnknown):
        await steps.verified(ours.id, webhook, gateway_name="stripe")
    await steps.verified(ours.id, webhook)
    async with database.begin(flow.tenant, SYSTEM) as tx:
        payments.retire_endpoint(tx, ours.id)
    with pytest.raises(EndpointUnknown):
        await steps.verified(ours.id, webhook)
    with pytest.raises(EndpointUnknown):
        async with database.begin(flow.tenant, SYSTEM) as tx:
            payments.retire_endpoint(tx, ours.id)


async def test_a_secret_is_stored_encrypted_and_only_its_own_endpoint_decrypts_it(
    flow: PaymentFlow, database: Database
) -> None:
    endpoint = await open_endpoint(database, flow.tenant)
    async with database.begin(flow.tenant, SYSTEM) as tx:
        sealed = await tx.fetchval("SELECT sealed_secret FROM payments_webhook_endpoints WHERE id = $1", endpoint.id)
        audited = await tx.fetch("SELECT to_jsonb(a)::text AS row FROM kit_audit a")
    assert endpoint.secret.encode() not in sealed
    assert all(endpoint.secret not in row["row"] for row in audited)
    assert endpoint.secret not in repr(endpoint)
    assert SECRETS.open(sealed, tenant_id=flow.tenant.id, endpoint_id=endpoint.id) == endpoint.secret
    for key, tenant_id, endpoint_id in (
        (SECRETS, new_id(), endpoint.id),
        (SECRETS, flow.tenant.id, new_id()),
        (EndpointSecrets(b"another master key"), flow.tenant.id, endpoint.id),
    ):
        with pytest.raises(InvalidTag):
            key.open(sealed, tenant_id=tenant_id, endpoint_id=endpoint_id)


async def test_a_stored_body_cannot_be_changed(steps: WebhookSteps, flow: PaymentFlow, database: Database) -> None:
    endpoint, attempt = await open_endpoint(database, flow.tenant), await flow.begin()
    webhook = await signed(database, endpoint.secret, attempt.id)
    await steps.stored(endpoint.id, await steps.verified(endpoint.id, webhook), webhook.body)
    for statement in ("UPDATE payments_webhook_deliveries SET body = ''", "DELETE FROM payments_webhook_deliveries"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.begin(flow.tenant, SYSTEM) as tx:
                await tx.connection.execute(statement)
