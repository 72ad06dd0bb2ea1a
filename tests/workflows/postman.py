"""The way of a webhook from the gateway to the shop: what was written, signed again as often as a test wants."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx2

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.payments.gateways.simulator import scripts, signing, webhooks
from luxewin.modules.payments.public import Charge
from tests.workflows.market import TOTAL, Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A webhook, and the endpoint and secret that it is sent with."""

    body: bytes
    endpoint_id: UUID
    secret: str
    age_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Postman:
    """Carries the gateway's letters to a market's door."""

    market: Market

    async def written(self) -> list[Letter]:
        """Return what the gateway has to tell this merchant, delivered or not."""
        rows = await self.market.as_owner(
            "SELECT w.body, e.endpoint_id, e.secret FROM simulator.webhooks w"
            " JOIN simulator.endpoints e ON e.merchant = w.merchant WHERE w.merchant = $1 ORDER BY w.due_at",
            str(self.market.tenant.id),
        )
        return [Letter(**dict(row)) for row in rows]

    async def about(self, attempt_id: UUID) -> Letter:
        """Return a letter, signed as it should be, that tells of the capture of any attempt."""
        ((endpoint_id, secret),) = await self.market.as_owner(
            "SELECT endpoint_id, secret FROM simulator.endpoints WHERE merchant = $1", str(self.market.tenant.id)
        )
        amount = Money(TOTAL, "USD")
        charge = Charge(attempt_id=attempt_id, amount=amount, token="tok_slow", merchant=str(self.market.tenant.id))
        (scheduled,) = webhooks.scheduled_webhooks(charge, amount, scripts.script_of("tok_slow"))
        return Letter(body=scheduled.body, endpoint_id=endpoint_id, secret=secret)

    async def about_nothing(self) -> Letter:
        """Return a letter about an attempt that nobody has made."""
        return await self.about(new_id())

    async def deliver(self, letter: Letter, **headers: str) -> httpx2.Response:
        """Bring a letter to the door."""
        (row,) = await self.market.as_owner("SELECT extract(epoch FROM now())::bigint AS seconds")
        header = signing.signature(letter.secret, letter.body, at_seconds=row["seconds"] - letter.age_seconds)
        return await self.market.guest().client.post(
            f"/payments/webhooks/simulator/{letter.endpoint_id}",
            content=letter.body,
            headers={"content-type": "application/json", signing.HEADER: header, **headers},
        )

    async def kept(self) -> list[Any]:
        """Return what the shop has stored."""
        return await self.market.rows(
            "SELECT handled_at IS NOT NULL AS handled, tries, due_at > now() AS put_off"
            " FROM payments_webhook_deliveries WHERE tenant_id = $1 ORDER BY event_id"
        )


def forged(letter: Letter) -> list[Letter]:
    """Return letters that nobody may believe: another secret, another amount, an old signature."""
    return [
        replace(letter, secret="whsec_of_somebody_else"),
        replace(letter, age_seconds=301),
        replace(letter, age_seconds=-301),
    ]
