"""The routes by which staff read payments and open webhook endpoints."""

from uuid import UUID

import pytest

from luxewin.kit.access import ANONYMOUS, SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import EndpointSecrets, GatewayEvent, Gateways
from luxewin.modules.payments.routes import router
from tests.conftest import TestDatabase
from tests.modules.payments.payment_flow import PaymentFlow
from tests.modules.payments.webhook_receiver import WebhookReceiver, pass_time
from tests.web import Web

SECRETS = EndpointSecrets(b"the master key of one test, long")


@pytest.fixture
def web(database: Database, simulator: Simulator) -> Web:
    gateways = Gateways([ResilientGateway(simulator)])
    return Web(database, (router,), {Gateways: gateways, EndpointSecrets: SECRETS})


async def test_payments_are_listed_newest_first_page_by_page(
    web: Web, flow: PaymentFlow, tenant: Tenancy, admin: Principal
) -> None:
    paid = [await flow.pay() for _ in range(3)]
    declined = await flow.pay(token="tok_declined")
    async with web.client(tenant, admin) as client:
        first = (await client.get("/payments?limit=3")).json()
        second = (await client.get(f"/payments?limit=3&cursor={first['next_cursor']}")).json()
        refused = (await client.get("/payments?status=declined")).json()["data"]
        ordered = (await client.get(f"/payments?order_id={paid[1].order_id}")).json()["data"]
        foreign = await client.get(f"/payments?status=declined&cursor={first['next_cursor']}")
    seen = [payment["id"] for payment in first["data"] + second["data"]]
    assert seen == [str(one.id) for one in [declined, *reversed(paid)]]
    assert second["next_cursor"] is None
    assert [(one["id"], one["reason"]) for one in refused] == [(str(declined.id), "card_declined")]
    assert [one["id"] for one in ordered] == [str(paid[1].id)]
    assert (foreign.status_code, foreign.json()["code"]) == (400, "request.invalid_cursor")


async def test_a_payment_is_returned_with_its_events_and_refunds_and_without_its_token(
    web: Web, flow: PaymentFlow, tenant: Tenancy, admin: Principal
) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 900)
    await flow.execute(refund_id)
    async with web.client(tenant, admin) as client:
        answer = await client.get(f"/payments/{attempt.id}")
    payment = answer.json()
    assert answer.headers["etag"] == f'"{payment["version"]}"'
    assert {event["type"] for event in payment["events"]} == {"authorised", "captured", "refunded"}
    assert [(one["id"], one["status"]) for one in payment["refunds"]] == [(str(refund_id), "executed")]
    assert payment["refund_granted"] == {"amount": 900, "currency": "USD"}
    assert "tok_visa" not in answer.text


async def test_a_payment_of_another_tenant_is_not_found(
    web: Web, flow: PaymentFlow, other_tenant: Tenancy, admin: Principal
) -> None:
    attempt = await flow.pay()
    async with web.client(other_tenant, admin) as client:
        theirs, nobodys = [await client.get(f"/payments/{one}") for one in (attempt.id, new_id())]
        assert (await client.get("/payments")).json()["data"] == []
    assert (theirs.status_code, theirs.json()) == (404, nobodys.json())


async def test_a_new_endpoint_returns_its_secret_once_and_is_subscribed_at_the_simulator(
    web: Web, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    headers = {"idempotency-key": "the same key"}
    async with web.client(tenant, admin) as client:
        opened, second = [
            await client.post("/payments/webhook-endpoints", json={"gateway": "simulator"}, headers=headers)
            for _ in range(2)
        ]
        listed = await client.get("/payments/webhook-endpoints")
    endpoint = opened.json()
    assert (opened.status_code, endpoint["secret"][:6]) == (201, "whsec_")
    assert endpoint["path"] == f"/api/v1/payments/webhooks/simulator/{endpoint['id']}"
    assert second.json()["id"] != endpoint["id"]
    assert {one["id"] for one in listed.json()["data"]} == {endpoint["id"], second.json()["id"]}
    assert "secret" not in listed.text
    async with database.begin(tenant, SYSTEM) as tx:
        assert await tx.fetchval("SELECT count(*) FROM kit_idempotency_keys") == 0


async def test_a_dry_run_opens_no_endpoint_and_calls_no_gateway(
    web: Web, simulator: Simulator, tenant: Tenancy, admin: Principal
) -> None:
    simulator.inject_fault("subscribe", Fault.OUTAGE)
    async with web.client(tenant, admin) as client:
        dry_run = await client.post(
            "/payments/webhook-endpoints", json={"gateway": "simulator"}, headers={"prefer": "dry-run"}
        )
        assert dry_run.status_code == 201
        assert (await client.get("/payments/webhook-endpoints")).json()["data"] == []


async def test_endpoints_are_listed_page_by_page(web: Web, tenant: Tenancy, admin: Principal) -> None:
    async with web.client(tenant, admin) as client:
        opened = [await client.post("/payments/webhook-endpoints", json={"gateway": "simulator"}) for _ in range(3)]
        first = (await client.get("/payments/webhook-endpoints?limit=2")).json()
        second = (await client.get(f"/payments/webhook-endpoints?limit=2&cursor={first['next_cursor']}")).json()
    seen = [one["id"] for one in first["data"] + second["data"]]
    assert sorted(seen) == sorted(one.json()["id"] for one in opened)
    assert second["next_cursor"] is None


async def test_a_retired_endpoint_is_not_listed_and_cannot_be_retired_again(
    web: Web, tenant: Tenancy, other_tenant: Tenancy, admin: Principal
) -> None:
    async with web.client(tenant, admin) as client:
        endpoint = (await client.post("/payments/webhook-endpoints", json={"gateway": "simulator"})).json()
        async with web.client(other_tenant, admin) as stranger:
            assert (await stranger.delete(f"/payments/webhook-endpoints/{endpoint['id']}")).status_code == 404
        assert (await client.delete(f"/payments/webhook-endpoints/{endpoint['id']}")).status_code == 204
        again = await client.delete(f"/payments/webhook-endpoints/{endpoint['id']}")
        assert (await client.get("/payments/webhook-endpoints")).json()["data"] == []
    assert (again.status_code, again.json()["code"]) == (404, "payments.endpoint_unknown")


@pytest.mark.parametrize(
    "body", [{}, {"gateway": ""}, {"gateway": "bank of nowhere"}, {"gateway": "simulator", "secret": "mine"}]
)
async def test_an_endpoint_is_opened_only_for_an_offered_gateway(
    web: Web, tenant: Tenancy, admin: Principal, body: dict[str, str]
) -> None:
    async with web.client(tenant, admin) as client:
        assert (await client.post("/payments/webhook-endpoints", json=body)).status_code == 400


async def test_only_staff_see_payments_and_open_endpoints(web: Web, tenant: Tenancy, customer: Principal) -> None:
    requests = [
        ("GET", "/payments"),
        ("GET", f"/payments/{new_id()}"),
        ("GET", "/payments/webhook-endpoints"),
        ("POST", "/payments/webhook-endpoints"),
        ("DELETE", f"/payments/webhook-endpoints/{new_id()}"),
    ]
    for principal, status in ((ANONYMOUS, 401), (customer, 403)):
        async with web.client(tenant, principal) as client:
            for method, path in requests:
                assert (await client.request(method, path)).status_code == status, path


async def test_the_simulators_webhooks_are_sent_to_the_endpoint_and_signed_with_its_secret(
    web: Web, flow: PaymentFlow, simulator: Simulator, test_database: TestDatabase, admin: Principal
) -> None:
    receiver = WebhookReceiver()
    async with web.client(flow.tenant, admin) as client:
        opened = (await client.post("/payments/webhook-endpoints", json={"gateway": "simulator"})).json()
    attempt = await flow.pay(token="tok_dispute")
    await pass_time(test_database, str(flow.tenant.id), seconds=2)
    await simulator.deliver_due(receiver.client, "http://shop.test")
    (webhook,) = receiver.received_about(attempt.id)
    assert (webhook.url.path, webhook.headers["x-tenant"]) == (opened["path"], flow.tenant.slug)

    async def verify(tx: Transaction) -> GatewayEvent:
        return await payments.verify_event(
            tx,
            simulator,
            SECRETS,
            endpoint_id=UUID(opened["id"]),
            gateway_name="simulator",
            headers=webhook.headers,
            body=webhook.content,
        )

    event = await flow.database.run(flow.tenant, SYSTEM, verify)
    assert event.dispute is not None
    await flow.dispute(attempt.id, event.dispute.amount, event.dispute.reference)
    assert await flow.discrepancies() == []
