"""The payment simulator: it behaves like an external gateway, but runs in this installation.

It keeps its ledger in a database schema of its own, uses a database role and connections of its own, and commits before
it responds. It reads none of the other tables, so its totals are an independent oracle for the clearing account.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import httpx2

from luxewin.kit.money import Money
from luxewin.kit.pools import PoolLimits, close_pool, open_pool
from luxewin.modules.payments.domain.gateway_messages import (
    Charge,
    ChargeRecord,
    GatewayEvent,
    GatewayTotals,
    Outcome,
    OutcomeStatus,
    RefundInstruction,
    RefundOutcome,
    RefundOutcomeStatus,
)
from luxewin.modules.payments.errors import GatewayConnectionError
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault, FaultPlan
from luxewin.modules.payments.gateways.simulator.scripts import Script, script_of
from luxewin.modules.payments.gateways.simulator.signing import HEADER, signature, verify
from luxewin.modules.payments.gateways.simulator.webhooks import parse_event, scheduled_webhooks
from luxewin.modules.payments.repository import simulator_ledger as ledger
from luxewin.modules.payments.repository.simulator_ledger import ClaimedWebhook, SimulatedCharge

_BATCH = 50
_TIMEOUT = httpx2.Timeout(5.0, connect=2.0)
_NO_SUCH_CHARGE = Outcome(OutcomeStatus.DECLINED, reason="no_such_charge")


class Simulator:
    """Charges, refunds and disputes without a bank; the token decides the outcome of a charge (see `scripts`)."""

    name = "simulator"
    subscribes_by_api = True

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._faults = FaultPlan()

    @classmethod
    async def open(cls, arguments: dict[str, Any], *, size: int = 8) -> Self:
        """Open a pool of connections; `arguments` are asyncpg's, for a login of the simulator's role."""
        return cls(await open_pool(arguments, PoolLimits(), size=size))

    async def close(self) -> None:
        """Close the connections when they are no longer in use."""
        await close_pool(self._pool)

    def inject_fault(self, operation: str, fault: Fault, *, times: int = 1) -> None:
        """Inject a fault into the next calls of an operation (`charge`, `look_up`, `refund` …) of this object."""
        self._faults.add(operation, fault, times=times)

    def clear_faults(self) -> None:
        """Remove all injected faults."""
        self._faults.clear()

    async def charge(self, charge: Charge) -> Outcome:
        """Charge, with the outcome that the token decides."""
        script = script_of(charge.token)
        async with self._faults.apply("charge") as fault, ledger.session(self._pool) as connection:
            surplus = 1 if fault is Fault.WRONG_AMOUNT else 0
            amount = Money(charge.amount.minor + surplus, charge.amount.currency)
            recorded = await ledger.add_charge(
                connection,
                charge,
                status=_first_status(script, capture=charge.capture),
                reason=script.reason,
                amount=amount,
                captures_after_seconds=script.captures_after_seconds,
                dispute_after_seconds=script.disputed_after_seconds,
                webhooks=scheduled_webhooks(charge, amount, script),
            )
            if recorded.is_new and not script.responds:
                raise GatewayConnectionError("the simulator does not respond to a charge with this token")
            return _outcome(recorded)

    async def confirm(self, attempt_id: UUID, _reference: str | None, *, approve: bool) -> Outcome:
        """Approve or reject a charge that waits for the buyer."""
        async with self._faults.apply("confirm"), ledger.session(self._pool) as connection:
            recorded = await ledger.confirm_charge(connection, attempt_id, approve=approve)
            return _NO_SUCH_CHARGE if recorded is None else _outcome(recorded)

    async def capture(self, attempt_id: UUID, _reference: str | None) -> Outcome:
        """Capture an authorised amount."""
        async with self._faults.apply("capture"), ledger.session(self._pool) as connection:
            recorded = await ledger.capture_charge(connection, attempt_id)
            return _NO_SUCH_CHARGE if recorded is None else _outcome(recorded)

    async def void(self, attempt_id: UUID, _reference: str | None) -> Outcome:
        """Void a charge that is not captured."""
        async with self._faults.apply("void"), ledger.session(self._pool) as connection:
            return _outcome(await ledger.void_charge(connection, attempt_id))

    async def look_up(self, attempt_id: UUID) -> Outcome | None:
        """Return the status of a charge; None if there is no such charge."""
        async with self._faults.apply("look_up"), ledger.session(self._pool) as connection:
            recorded = await ledger.find_charge(connection, attempt_id)
            return None if recorded is None else _outcome(recorded)

    async def retrieve(self, merchant: str, attempt_id: UUID) -> ChargeRecord | None:
        """Return the record of a merchant's charge with its open disputes; None if there is no such charge."""
        async with self._faults.apply("retrieve"), ledger.session(self._pool) as connection:
            found = await ledger.find_charge_of(connection, merchant, attempt_id)
            return None if found is None else ChargeRecord(_outcome(found.charge), found.disputes)

    async def refund(self, instruction: RefundInstruction) -> RefundOutcome:
        """Refund a captured amount in full or in part."""
        async with self._faults.apply("refund") as fault, ledger.session(self._pool) as connection:
            failure = "refused_on_command" if fault is Fault.REFUSAL else None
            recorded = await ledger.add_refund(connection, instruction, failure=failure)
            if recorded is None:
                return RefundOutcome(RefundOutcomeStatus.FAILED, reason="no_such_charge")
            return RefundOutcome(RefundOutcomeStatus(recorded.status), recorded.reference, recorded.reason)

    async def look_up_refund(self, refund_id: UUID) -> RefundOutcome | None:
        """Return the status of a refund; None if there is no such refund."""
        async with self._faults.apply("look_up_refund"), ledger.session(self._pool) as connection:
            recorded = await ledger.find_refund(connection, refund_id)
            if recorded is None:
                return None
            return RefundOutcome(RefundOutcomeStatus(recorded.status), recorded.reference, recorded.reason)

    async def report(self, merchant: str) -> list[GatewayTotals]:
        """Return the simulator's own totals of a merchant."""
        async with self._faults.apply("report"), ledger.session(self._pool) as connection:
            return await ledger.totals(connection, merchant)

    async def subscribe(self, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]) -> None:
        """Send the merchant's events to this endpoint from now on."""
        async with self._faults.apply("subscribe"), ledger.session(self._pool) as connection:
            await ledger.subscribe(connection, merchant, endpoint_id=endpoint_id, secret=secret, headers=headers)

    def verify_webhook(self, secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime) -> GatewayEvent:
        """Return the event of a webhook that is signed with the secret, not long before `at`."""
        verify(secret, headers.get(HEADER.lower(), ""), body, at=at)
        return parse_event(body)

    def parse_webhook(self, body: bytes) -> GatewayEvent:
        """Return the event of a webhook that was verified before."""
        return parse_event(body)

    async def deliver_due(self, http_client: httpx2.AsyncClient, base_url: str) -> int:
        """Send the webhooks that are due, and return how many were delivered; the others are retried with a backoff.

        Delivery is at least once: a webhook whose response is lost is sent again.
        """
        async with ledger.session(self._pool) as connection:
            due = await ledger.claim_webhooks(connection, limit=_BATCH)
        delivered = 0
        for webhook in due:
            if await _deliver(http_client, base_url, webhook):
                async with ledger.session(self._pool) as connection:
                    await ledger.mark_delivered(connection, webhook.id)
                delivered += 1
        return delivered


async def _deliver(http_client: httpx2.AsyncClient, base_url: str, webhook: ClaimedWebhook) -> bool:
    headers = {
        **webhook.headers,
        "Content-Type": "application/json",
        HEADER: signature(webhook.secret, webhook.body, at_seconds=webhook.at_seconds),
    }
    url = f"{base_url}/api/v1/payments/webhooks/{Simulator.name}/{webhook.endpoint_id}"
    try:
        response = await http_client.post(url, content=webhook.body, headers=headers, timeout=_TIMEOUT)
    except httpx2.HTTPError:
        return False
    return response.is_success


def _first_status(script: Script, *, capture: bool) -> str:
    return "authorised" if script.takes_money and not capture else script.status


def _outcome(recorded: SimulatedCharge) -> Outcome:
    if recorded.status == "processing":
        return Outcome(OutcomeStatus.UNKNOWN, recorded.reference, reason="processing")
    status = OutcomeStatus(recorded.status)
    next_action = None
    if status is OutcomeStatus.REQUIRES_ACTION:
        next_action = {"type": "confirm", "url": recorded.confirm_url}
    return Outcome(status, recorded.reference, recorded.amount, recorded.reason, next_action)
