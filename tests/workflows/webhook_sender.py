"""Sends the gateway's webhooks to the shop: as stored, or signed again for each sending."""

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
class SignedWebhook:
    """A webhook, and the endpoint and secret that it is sent with."""

    body: bytes
    endpoint_id: UUID
    secret: str
    age_seconds: int = 0


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Sends the gateway's webhooks to a market."""

    market: Market

    async def written(self) -> list[SignedWebhook]:
        """Return the gateway's webhooks for this merchant, delivered or not."""
        rows = await self.market.as_owner(
            "SELECT w.body, e.endpoint_id, e.secret FROM simulator.webhooks w"
            " JOIN simulator.endpoints e ON e.merchant = w.merchant WHERE w.merchant = $1 ORDER BY w.due_at",
            str(self.market.tenant.id),
        )
        return [SignedWebhook(**dict(row)) for row in rows]

    async def about(self, attempt_id: UUID) -> SignedWebhook:
        """Return a correctly signed webhook about the capture of an attempt."""
        ((endpoint_id, secret),) = await self.market.as_owner(
            "SELECT endpoint_id, secret FROM simulator.endpoints WHERE merchant = $1", str(self.market.tenant.id)
        )
        amount = Money(TOTAL, "USD")
        charge = Charge(attempt_id=attempt_id, amount=amount, token="tok_slow", merchant=str(self.market.tenant.id))
        (scheduled,) = webhooks.scheduled_webhooks(charge, amount, scripts.script_of("tok_slow"))
        return SignedWebhook(body=scheduled.body, endpoint_id=endpoint_id, secret=secret)

    async def about_nothing(self) -> SignedWebhook:
        """Return a webhook about an attempt that does not exist."""
        return await self.about(new_id())

    async def deliver(self, webhook: SignedWebhook, **headers: str) -> httpx2.Response:
        """Send a webhook."""
        (row,) = await self.market.as_owner("SELECT extract(epoch FROM now())::bigint AS seconds")
        header = signing.signature(webhook.secret, webhook.body, at_seconds=row["seconds"] - webhook.age_seconds)
        return await self.market.guest().client.post(
            f"/payments/webhooks/simulator/{webhook.endpoint_id}",
            content=webhook.body,
            headers={"content-type": "application/json", signing.HEADER: header, **headers},
        )

    async def stored(self) -> list[Any]:
        """Return the webhooks that the shop has stored."""
        return await self.market.rows(
            "SELECT handled_at IS NOT NULL AS handled, tries, due_at > now() AS put_off"
            " FROM payments_webhook_deliveries WHERE tenant_id = $1 ORDER BY event_id"
        )


def forged(webhook: SignedWebhook) -> list[SignedWebhook]:
    """Return webhooks with an invalid signature: another secret, another body, or too old."""
    return [
        replace(webhook, secret="whsec_of_somebody_else"),
        replace(webhook, age_seconds=301),
        replace(webhook, age_seconds=-301),
    ]
