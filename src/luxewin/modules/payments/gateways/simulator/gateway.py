"""The simulated gateway: an outside party that happens to live here.

Its books are its own schema, reached by its own database role over its own connections, and committed before it
answers. Nothing in it reads ours, so its totals are an independent oracle for our clearing account.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import httpx2

from luxewin.kit.money import Money
from luxewin.kit.pools import PoolLimits, close_pool, open_pool
from luxewin.modules.payments.domain.gateway_words import (
    Books,
    Charge,
    GatewayEvent,
    Outcome,
    OutcomeStatus,
    RefundOrder,
    RefundOutcome,
    RefundOutcomeStatus,
)
from luxewin.modules.payments.errors import GatewaySilentError
from luxewin.modules.payments.gateways.simulator.misbehaviour import Misbehaviour, Misbehaviours
from luxewin.modules.payments.gateways.simulator.scripts import Script, script_of
from luxewin.modules.payments.gateways.simulator.signing import HEADER, signature, verify
from luxewin.modules.payments.gateways.simulator.telling import event_of, tellings_of
from luxewin.modules.payments.repository import simulator_books as books
from luxewin.modules.payments.repository.simulator_books import BookedCharge, DueTelling

_AT_ONCE = 50
_TIMEOUT = httpx2.Timeout(5.0, connect=2.0)
_NO_SUCH_CHARGE = Outcome(OutcomeStatus.DECLINED, reason="no_such_charge")


class Simulator:
    """Charges, refunds and disputes without a bank; a token decides how a charge goes (see `scripts`)."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._misbehaviours = Misbehaviours()

    @classmethod
    async def open(cls, arguments: dict[str, Any], *, size: int = 8) -> Self:
        """Open the simulator's own connections; `arguments` are asyncpg's, of a login in the simulator's role."""
        return cls(await open_pool(arguments, PoolLimits(), size=size))

    async def close(self) -> None:
        """Close the connections once they have come back."""
        await close_pool(self._pool)

    def misbehave(self, operation: str, how: Misbehaviour, *, times: int = 1) -> None:
        """Let the next calls of an operation (`charge`, `look_up`, `refund` …) of this process go wrong."""
        self._misbehaviours.plan(operation, how, times=times)

    def behave(self) -> None:
        """Forget what was planned by `misbehave`."""
        self._misbehaviours.forget()

    async def charge(self, charge: Charge) -> Outcome:
        """Charge as the token says."""
        script = script_of(charge.token)
        async with self._misbehaviours.around("charge") as planned, books.session(self._pool) as connection:
            surplus = 1 if planned is Misbehaviour.WRONG_AMOUNT else 0
            amount = Money(charge.amount.minor + surplus, charge.amount.currency)
            booked = await books.book_charge(
                connection,
                charge,
                status=_first_status(script, capture=charge.capture),
                reason=script.reason,
                amount=amount,
                captures_after_seconds=script.captures_after_seconds,
                dispute_after_seconds=script.disputed_after_seconds,
                tellings=tellings_of(charge, amount, script),
            )
            if booked.fresh and not script.answers:
                raise GatewaySilentError("the simulator does not answer for this token")
            return _outcome(booked)

    async def confirm(self, attempt_id: UUID, _reference: str | None, *, approve: bool) -> Outcome:
        """Decide a charge that waits for the buyer."""
        async with self._misbehaviours.around("confirm"), books.session(self._pool) as connection:
            booked = await books.confirm_charge(connection, attempt_id, approve=approve)
            return _NO_SUCH_CHARGE if booked is None else _outcome(booked)

    async def capture(self, attempt_id: UUID, _reference: str | None) -> Outcome:
        """Take an authorised amount."""
        async with self._misbehaviours.around("capture"), books.session(self._pool) as connection:
            booked = await books.capture_charge(connection, attempt_id)
            return _NO_SUCH_CHARGE if booked is None else _outcome(booked)

    async def void(self, attempt_id: UUID, _reference: str | None) -> Outcome:
        """Give up a charge that is not captured."""
        async with self._misbehaviours.around("void"), books.session(self._pool) as connection:
            return _outcome(await books.void_charge(connection, attempt_id))

    async def look_up(self, attempt_id: UUID) -> Outcome | None:
        """Tell how a charge stands."""
        async with self._misbehaviours.around("look_up"), books.session(self._pool) as connection:
            booked = await books.find_charge(connection, attempt_id)
            return None if booked is None else _outcome(booked)

    async def refund(self, order: RefundOrder) -> RefundOutcome:
        """Send back a captured amount in whole or in part."""
        async with self._misbehaviours.around("refund") as planned, books.session(self._pool) as connection:
            refused = "refused_on_command" if planned is Misbehaviour.REFUSAL else None
            booked = await books.book_refund(connection, order, refused=refused)
            if booked is None:
                return RefundOutcome(RefundOutcomeStatus.FAILED, reason="no_such_charge")
            return RefundOutcome(RefundOutcomeStatus(booked.status), booked.reference, booked.reason)

    async def look_up_refund(self, refund_id: UUID) -> RefundOutcome | None:
        """Tell how a refund stands."""
        async with self._misbehaviours.around("look_up_refund"), books.session(self._pool) as connection:
            booked = await books.find_refund(connection, refund_id)
            if booked is None:
                return None
            return RefundOutcome(RefundOutcomeStatus(booked.status), booked.reference, booked.reason)

    async def report(self, merchant: str) -> list[Books]:
        """Return the simulator's own totals of a merchant."""
        async with self._misbehaviours.around("report"), books.session(self._pool) as connection:
            return await books.totals(connection, merchant)

    async def subscribe(self, merchant: str, *, endpoint_id: UUID, secret: str, headers: Mapping[str, str]) -> None:
        """Send the merchant's events to this endpoint from now on."""
        async with self._misbehaviours.around("subscribe"), books.session(self._pool) as connection:
            await books.subscribe(connection, merchant, endpoint_id=endpoint_id, secret=secret, headers=headers)

    def verified(self, secret: str, headers: Mapping[str, str], body: bytes, *, at: datetime) -> GatewayEvent:
        """Return the event of a webhook that the simulator has signed."""
        verify(secret, headers.get(HEADER.lower(), ""), body, at=at)
        return event_of(body)

    def parsed(self, body: bytes) -> GatewayEvent:
        """Return the event of a webhook that was verified before."""
        return event_of(body)

    async def deliver_due(self, http_client: httpx2.AsyncClient, base_url: str) -> int:
        """Send the webhooks that are due, and return how many arrived; the others come again, each time later.

        At least once: one that arrived, but whose answer got lost, is sent again.
        """
        async with books.session(self._pool) as connection:
            due = await books.claim_tellings(connection, limit=_AT_ONCE)
        arrived = 0
        for telling in due:
            if await _delivered(http_client, base_url, telling):
                async with books.session(self._pool) as connection:
                    await books.told(connection, telling.id)
                arrived += 1
        return arrived


async def _delivered(http_client: httpx2.AsyncClient, base_url: str, telling: DueTelling) -> bool:
    headers = {
        **telling.headers,
        "Content-Type": "application/json",
        HEADER: signature(telling.secret, telling.body, at_seconds=telling.at_seconds),
    }
    url = f"{base_url}/api/v1/payments/webhooks/simulator/{telling.endpoint_id}"
    try:
        answer = await http_client.post(url, content=telling.body, headers=headers, timeout=_TIMEOUT)
    except httpx2.HTTPError:
        return False
    return answer.is_success


def _first_status(script: Script, *, capture: bool) -> str:
    return "authorised" if script.takes_money and not capture else script.status


def _outcome(booked: BookedCharge) -> Outcome:
    if booked.status == "processing":
        return Outcome(OutcomeStatus.UNKNOWN, booked.reference, reason="processing")
    status = OutcomeStatus(booked.status)
    next_action = None
    if status is OutcomeStatus.REQUIRES_ACTION:
        next_action = {"type": "confirm", "url": booked.confirm_url}
    return Outcome(status, booked.reference, booked.amount, booked.reason, next_action)
