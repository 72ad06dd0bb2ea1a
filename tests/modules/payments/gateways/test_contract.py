"""The contract that every registered payment gateway must fulfil.

Payments are made only with gateways that name tokens of a sandbox; the variables of a gateway are taken from the
environment of the tests.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.variables import list_variables
from luxewin.modules.payments import gateways
from luxewin.modules.payments.errors import GatewayConnectionError, WebhookRefused
from luxewin.modules.payments.gateways.protocol import PaymentGateway
from luxewin.modules.payments.gateways.provider import OpenedGateway, SandboxTokens
from luxewin.modules.payments.gateways.registry import GATEWAYS, gateway_provider, settings_of_gateways
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.public import (
    Charge,
    ChargeRecord,
    GatewayTotals,
    Outcome,
    OutcomeStatus,
    RefundInstruction,
    RefundOutcome,
    RefundOutcomeStatus,
)
from luxewin.runtime.installation import Installation
from tests.conftest import TestDatabase
from tests.modules.payments.installed import installation_on

USD_50 = Money(5_000, "USD")
CHARGE = Charge(attempt_id=new_id(), amount=USD_50, token="tok_unregistered", merchant="a merchant")
CALLS: dict[str, Callable[[PaymentGateway], Awaitable[Any]]] = {
    "charge": lambda gateway: gateway.charge(CHARGE),
    "confirm": lambda gateway: gateway.confirm(CHARGE.attempt_id, None, approve=True),
    "capture": lambda gateway: gateway.capture(CHARGE.attempt_id, None),
    "void": lambda gateway: gateway.void(new_id(), None),
    "look_up": lambda gateway: gateway.look_up(CHARGE.attempt_id),
    "retrieve": lambda gateway: gateway.retrieve("a merchant", CHARGE.attempt_id),
    "refund": lambda gateway: gateway.refund(RefundInstruction(new_id(), "no such charge", USD_50)),
    "look_up_refund": lambda gateway: gateway.look_up_refund(new_id()),
    "report": lambda gateway: gateway.report("a merchant"),
}
SANDBOXES = [name for name in GATEWAYS if gateway_provider(name).sandbox is not None]


def refuse_to_connect(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("no network in this test", request=request)


@pytest.fixture
def installation(test_database: TestDatabase, tmp_path: Path) -> Installation:
    return installation_on(test_database, tmp_path, os.environ)


@pytest.fixture(params=GATEWAYS)
async def offline(request: pytest.FixtureRequest, installation: Installation) -> AsyncIterator[OpenedGateway]:
    """A registered gateway, whose HTTP client reaches nothing."""
    transport = httpx2.MockTransport(refuse_to_connect)
    async with (
        httpx2.AsyncClient(transport=transport) as client,
        gateway_provider(request.param).open(installation, lambda: client) as opened,
    ):
        yield opened


def test_every_folder_is_registered_once() -> None:
    folders = [file.parent.name for file in Path(gateways.__path__[0]).glob("*/provider.py")]
    assert sorted(GATEWAYS) == sorted(folders)


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_is_registered_under_its_own_name(name: str) -> None:
    assert gateway_provider(name).name == name


@pytest.mark.parametrize("name", GATEWAYS)
def test_every_variable_begins_with_the_gateways_name_and_has_a_default(name: str) -> None:
    group = settings_of_gateways()[name]
    assert [variable for variable in list_variables(group) if not variable.startswith(f"LUXEWIN_{name.upper()}_")] == []
    assert isinstance(group().for_production, bool)


async def test_an_opened_gateway_has_the_name_of_its_provider(offline: OpenedGateway) -> None:
    assert offline.gateway.name in GATEWAYS
    assert ResilientGateway(offline.gateway).name == offline.gateway.name


async def test_its_jobs_run_without_a_network(offline: OpenedGateway) -> None:
    for job in offline.jobs("http://shop.test"):
        await job.run()


@pytest.mark.parametrize("operation", CALLS)
async def test_a_call_without_a_network_returns_or_raises_a_connection_error(
    offline: OpenedGateway, operation: str
) -> None:
    try:
        result = await CALLS[operation](offline.gateway)
    except GatewayConnectionError:
        return
    assert result is None or isinstance(result, Outcome | RefundOutcome | ChargeRecord | Sequence)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff", b'{"id": 1}'])
async def test_a_webhook_that_is_not_signed_or_not_an_event_is_refused(offline: OpenedGateway, body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        offline.gateway.verify_webhook("a secret", {}, body, at=datetime.now(UTC))
    with pytest.raises(WebhookRefused):
        offline.gateway.parse_webhook(body)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A gateway and the tokens of its sandbox."""

    gateway: PaymentGateway
    tokens: SandboxTokens


@pytest.fixture(params=SANDBOXES)
async def opened(request: pytest.FixtureRequest, installation: Installation) -> AsyncIterator[Sandbox]:
    provider = gateway_provider(request.param)
    assert provider.sandbox is not None
    async with httpx2.AsyncClient() as client, provider.open(installation, lambda: client) as opened:
        yield Sandbox(opened.gateway, provider.sandbox)


@pytest.fixture(params=["adapter", "with a circuit breaker"])
def sandbox(request: pytest.FixtureRequest, opened: Sandbox) -> Sandbox:
    return opened if request.param == "adapter" else replace(opened, gateway=ResilientGateway(opened.gateway))


@pytest.fixture
def merchant() -> str:
    return str(new_id())


def order(token: str, merchant: str, amount: Money = USD_50, *, capture: bool = True) -> Charge:
    return Charge(attempt_id=new_id(), amount=amount, token=token, merchant=merchant, capture=capture)


async def refunded(gateway: PaymentGateway, outcome: Outcome, minor: int) -> RefundOutcomeStatus:
    assert outcome.reference is not None
    return (await gateway.refund(RefundInstruction(new_id(), outcome.reference, Money(minor, "USD")))).status


async def test_a_charge_captures_the_requested_amount_and_look_up_agrees(sandbox: Sandbox, merchant: str) -> None:
    charge = order(sandbox.tokens.accepted, merchant)
    outcome = await sandbox.gateway.charge(charge)
    assert (outcome.status, outcome.amount) == (OutcomeStatus.CAPTURED, USD_50)
    assert outcome.reference
    assert await sandbox.gateway.look_up(charge.attempt_id) == outcome


async def test_a_charge_is_retrieved_by_its_own_merchant_only(sandbox: Sandbox, merchant: str) -> None:
    charge = order(sandbox.tokens.accepted, merchant)
    outcome = await sandbox.gateway.charge(charge)
    assert await sandbox.gateway.retrieve(merchant, charge.attempt_id) == ChargeRecord(outcome, [])
    assert await sandbox.gateway.retrieve(str(new_id()), charge.attempt_id) is None
    assert await sandbox.gateway.retrieve(merchant, new_id()) is None


async def test_a_repeated_charge_charges_once(sandbox: Sandbox, merchant: str) -> None:
    charge = order(sandbox.tokens.accepted, merchant)
    outcomes = await asyncio.gather(*(sandbox.gateway.charge(charge) for _ in range(8)))
    assert len(set(map(repr, outcomes))) == 1
    assert await sandbox.gateway.charge(replace(charge, token=sandbox.tokens.declined)) == outcomes[0]
    assert await sandbox.gateway.report(merchant) in (None, [GatewayTotals("USD", 5_000, 0, 0)])


async def test_a_decline_is_an_outcome_with_a_reason_and_takes_nothing(sandbox: Sandbox, merchant: str) -> None:
    outcome = await sandbox.gateway.charge(order(sandbox.tokens.declined, merchant))
    assert outcome.status is OutcomeStatus.DECLINED
    assert outcome.reason
    assert await sandbox.gateway.report(merchant) in (None, [], [GatewayTotals("USD", 0, 0, 0)])


async def test_a_look_up_of_an_unknown_charge_or_refund_returns_none(sandbox: Sandbox) -> None:
    assert await sandbox.gateway.look_up(new_id()) is None
    assert await sandbox.gateway.look_up_refund(new_id()) is None


@pytest.mark.parametrize(("approve", "status"), [(True, OutcomeStatus.CAPTURED), (False, OutcomeStatus.DECLINED)])
async def test_the_buyers_decision_ends_a_charge_that_requires_action(
    sandbox: Sandbox, merchant: str, approve: bool, status: OutcomeStatus
) -> None:
    charge = replace(order(sandbox.tokens.requires_action, merchant), confirm_url="/confirm/here")
    pending = await sandbox.gateway.charge(charge)
    assert pending.status is OutcomeStatus.REQUIRES_ACTION
    assert pending.next_action == {"type": "confirm", "url": "/confirm/here"}
    decided = await sandbox.gateway.confirm(charge.attempt_id, pending.reference, approve=approve)
    assert decided.status is status
    assert await sandbox.gateway.confirm(charge.attempt_id, pending.reference, approve=not approve) == decided
    assert await sandbox.gateway.look_up(charge.attempt_id) == decided


async def test_an_authorised_amount_is_captured_only_by_a_capture(sandbox: Sandbox, merchant: str) -> None:
    charge = order(sandbox.tokens.accepted, merchant, capture=False)
    held = await sandbox.gateway.charge(charge)
    assert (held.status, held.amount) == (OutcomeStatus.AUTHORISED, USD_50)
    assert await refunded(sandbox.gateway, held, 1) is RefundOutcomeStatus.FAILED
    taken = await sandbox.gateway.capture(charge.attempt_id, held.reference)
    assert (taken.status, taken.amount) == (OutcomeStatus.CAPTURED, USD_50)
    assert await sandbox.gateway.capture(charge.attempt_id, held.reference) == taken
    assert await sandbox.gateway.report(merchant) in (None, [GatewayTotals("USD", 5_000, 0, 0)])


async def test_a_confirmed_charge_without_capture_is_only_authorised(sandbox: Sandbox, merchant: str) -> None:
    charge = order(sandbox.tokens.requires_action, merchant, capture=False)
    pending = await sandbox.gateway.charge(charge)
    decided = await sandbox.gateway.confirm(charge.attempt_id, pending.reference, approve=True)
    assert decided.status is OutcomeStatus.AUTHORISED


async def test_a_void_releases_an_authorised_amount_and_not_a_captured_one(sandbox: Sandbox, merchant: str) -> None:
    held = order(sandbox.tokens.accepted, merchant, capture=False)
    taken = order(sandbox.tokens.accepted, merchant)
    for charge, status in ((held, OutcomeStatus.VOIDED), (taken, OutcomeStatus.CAPTURED)):
        outcome = await sandbox.gateway.charge(charge)
        assert (await sandbox.gateway.void(charge.attempt_id, outcome.reference)).status is status
    assert (await sandbox.gateway.capture(held.attempt_id, None)).status is OutcomeStatus.VOIDED
    assert await sandbox.gateway.report(merchant) in (None, [GatewayTotals("USD", 5_000, 0, 0)])


async def test_a_charge_that_is_voided_before_it_arrives_is_not_charged(sandbox: Sandbox, merchant: str) -> None:
    charge = order(sandbox.tokens.accepted, merchant)
    assert (await sandbox.gateway.void(charge.attempt_id, None)).status is OutcomeStatus.VOIDED
    assert (await sandbox.gateway.charge(charge)).status is OutcomeStatus.VOIDED
    assert await sandbox.gateway.report(merchant) == []


async def test_a_charge_and_a_concurrent_void_have_the_same_outcome(sandbox: Sandbox, merchant: str) -> None:
    for _ in range(10):
        charge = order(sandbox.tokens.accepted, merchant)
        charged, voided = await asyncio.gather(
            sandbox.gateway.charge(charge), sandbox.gateway.void(charge.attempt_id, None)
        )
        assert charged.status is voided.status
        assert charged.status in {OutcomeStatus.CAPTURED, OutcomeStatus.VOIDED}


async def test_partial_refunds_never_exceed_the_captured_amount(sandbox: Sandbox, merchant: str) -> None:
    outcome = await sandbox.gateway.charge(order(sandbox.tokens.accepted, merchant))
    assert await refunded(sandbox.gateway, outcome, 2_000) is RefundOutcomeStatus.EXECUTED
    assert await refunded(sandbox.gateway, outcome, 3_001) is RefundOutcomeStatus.FAILED
    assert await refunded(sandbox.gateway, outcome, 3_000) is RefundOutcomeStatus.EXECUTED
    assert await refunded(sandbox.gateway, outcome, 1) is RefundOutcomeStatus.FAILED
    assert await sandbox.gateway.report(merchant) in (None, [GatewayTotals("USD", 5_000, 5_000, 0)])


async def test_a_repeated_refund_refunds_once(sandbox: Sandbox, merchant: str) -> None:
    outcome = await sandbox.gateway.charge(order(sandbox.tokens.accepted, merchant))
    assert outcome.reference is not None
    refund = RefundInstruction(new_id(), outcome.reference, Money(2_000, "USD"))
    outcomes = await asyncio.gather(*(sandbox.gateway.refund(refund) for _ in range(8)))
    assert len(set(map(repr, outcomes))) == 1
    assert await sandbox.gateway.look_up_refund(refund.refund_id) == outcomes[0]
    assert await sandbox.gateway.report(merchant) in (None, [GatewayTotals("USD", 5_000, 2_000, 0)])


async def test_concurrent_refunds_never_exceed_the_captured_amount(sandbox: Sandbox, merchant: str) -> None:
    outcome = await sandbox.gateway.charge(order(sandbox.tokens.accepted, merchant))
    statuses = await asyncio.gather(*(refunded(sandbox.gateway, outcome, 1_500) for _ in range(8)))
    assert Counter(statuses) == {RefundOutcomeStatus.EXECUTED: 3, RefundOutcomeStatus.FAILED: 5}


async def test_a_refund_of_an_unknown_charge_or_in_another_currency_fails(sandbox: Sandbox, merchant: str) -> None:
    outcome = await sandbox.gateway.charge(order(sandbox.tokens.accepted, merchant))
    assert outcome.reference is not None
    for refund in (
        RefundInstruction(new_id(), "no such charge", Money(1, "USD")),
        RefundInstruction(new_id(), outcome.reference, Money(1, "EUR")),
    ):
        assert (await sandbox.gateway.refund(refund)).status is RefundOutcomeStatus.FAILED


async def test_a_report_has_the_merchants_own_totals_by_currency(sandbox: Sandbox, merchant: str) -> None:
    for amount in (USD_50, USD_50, Money(700, "JPY")):
        await sandbox.gateway.charge(order(sandbox.tokens.accepted, merchant, amount))
    await sandbox.gateway.charge(order(sandbox.tokens.accepted, str(new_id())))
    totals = await sandbox.gateway.report(merchant)
    if totals is not None:
        assert {total.currency: total.held_minor for total in totals} == {"USD": 10_000, "JPY": 700}
