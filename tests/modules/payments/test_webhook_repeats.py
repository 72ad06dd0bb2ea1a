"""A webhook is handled once, whatever its event is."""

import orjson
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import EndpointSecrets, WebhookHandled

SECRETS = EndpointSecrets(b"the master key of one test, long")


async def test_a_handled_webhook_cannot_be_handled_again(
    database: Database, tenant: Tenancy, simulator: Simulator
) -> None:
    charge = {
        "attempt_id": str(new_id()),
        "reference": "ch",
        "status": "captured",
        "amount": 9,
        "currency": "USD",
    }
    body = orjson.dumps({"id": "evt", "type": "charge.captured", "charge": charge})
    async with database.begin(tenant, SYSTEM) as tx:
        endpoint = payments.open_endpoint(tx, SECRETS, gateway="simulator")
    async with database.begin(tenant, SYSTEM) as tx:
        assert await payments.store_webhook(
            tx, endpoint_id=endpoint.id, gateway_name="simulator", event=simulator.parse_webhook(body), body=body
        )
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(payments.mark_webhook_handled(tx, gateway_name="simulator", event_id="evt"))
    with pytest.raises(WebhookHandled):
        async with database.begin(tenant, SYSTEM) as tx:
            tx.write(payments.mark_webhook_handled(tx, gateway_name="simulator", event_id="evt"))
