"""What every gateway adapter keeps, whichever gateway it speaks to."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace

import pytest

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.payments.gateways.guarded import Guarded
from luxewin.modules.payments.gateways.protocol import Gateway
from luxewin.modules.payments.gateways.simulator import Simulator
from luxewin.modules.payments.public import (
    Books,
    Charge,
    Outcome,
    OutcomeStatus,
    RefundOrder,
    RefundOutcomeStatus,
)

USD_50 = Money(5_000, "USD")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A gateway with the tokens that make it do what a test needs."""

    gateway: Gateway
    accepted: str
    declined: str
    asks_the_buyer: str


@pytest.fixture(params=["simulator", "simulator behind its guard"])
def adapter(request: pytest.FixtureRequest, simulator: Simulator) -> Adapter:
    gateway: Gateway = simulator if request.param == "simulator" else Guarded(simulator)
    return Adapter(gateway, accepted="tok_visa", declined="tok_declined", asks_the_buyer="tok_3ds")


@pytest.fixture
def merchant() -> str:
    return str(new_id())


def order(token: str, merchant: str, amount: Money = USD_50, *, capture: bool = True) -> Charge:
    return Charge(attempt_id=new_id(), amount=amount, token=token, merchant=merchant, capture=capture)


async def refunded(gateway: Gateway, outcome: Outcome, minor: int) -> RefundOutcomeStatus:
    assert outcome.reference is not None
    return (await gateway.refund(RefundOrder(new_id(), outcome.reference, Money(minor, "USD")))).status


async def test_a_charge_captures_exactly_what_was_asked_and_is_looked_up_alike(adapter: Adapter, merchant: str) -> None:
    charge = order(adapter.accepted, merchant)
    outcome = await adapter.gateway.charge(charge)
    assert (outcome.status, outcome.amount) == (OutcomeStatus.CAPTURED, USD_50)
    assert outcome.reference
    assert await adapter.gateway.look_up(charge.attempt_id) == outcome


async def test_a_repeated_charge_charges_once(adapter: Adapter, merchant: str) -> None:
    charge = order(adapter.accepted, merchant)
    outcomes = await asyncio.gather(*(adapter.gateway.charge(charge) for _ in range(8)))
    assert len(set(map(repr, outcomes))) == 1
    assert await adapter.gateway.charge(replace(charge, token=adapter.declined)) == outcomes[0]
    assert await adapter.gateway.report(merchant) == [Books("USD", 5_000, 0, 0)]


async def test_a_decline_is_an_outcome_with_a_reason_and_takes_nothing(adapter: Adapter, merchant: str) -> None:
    outcome = await adapter.gateway.charge(order(adapter.declined, merchant))
    assert outcome.status is OutcomeStatus.DECLINED
    assert outcome.reason
    assert await adapter.gateway.report(merchant) in ([], [Books("USD", 0, 0, 0)])


async def test_what_the_gateway_never_heard_of_is_none(adapter: Adapter) -> None:
    assert await adapter.gateway.look_up(new_id()) is None
    assert await adapter.gateway.look_up_refund(new_id()) is None


@pytest.mark.parametrize(("approve", "status"), [(True, OutcomeStatus.CAPTURED), (False, OutcomeStatus.DECLINED)])
async def test_the_buyers_answer_decides_a_charge_that_asks_for_it(
    adapter: Adapter, merchant: str, approve: bool, status: OutcomeStatus
) -> None:
    charge = replace(order(adapter.asks_the_buyer, merchant), confirm_url="/confirm/here")
    asked = await adapter.gateway.charge(charge)
    assert asked.status is OutcomeStatus.REQUIRES_ACTION
    assert asked.next_action == {"type": "confirm", "url": "/confirm/here"}
    decided = await adapter.gateway.confirm(charge.attempt_id, asked.reference, approve=approve)
    assert decided.status is status
    assert await adapter.gateway.confirm(charge.attempt_id, asked.reference, approve=not approve) == decided
    assert await adapter.gateway.look_up(charge.attempt_id) == decided


async def test_an_authorised_amount_is_taken_by_its_capture_alone(adapter: Adapter, merchant: str) -> None:
    charge = order(adapter.accepted, merchant, capture=False)
    held = await adapter.gateway.charge(charge)
    assert (held.status, held.amount) == (OutcomeStatus.AUTHORISED, USD_50)
    assert await refunded(adapter.gateway, held, 1) is RefundOutcomeStatus.FAILED
    taken = await adapter.gateway.capture(charge.attempt_id, held.reference)
    assert (taken.status, taken.amount) == (OutcomeStatus.CAPTURED, USD_50)
    assert await adapter.gateway.capture(charge.attempt_id, held.reference) == taken
    assert await adapter.gateway.report(merchant) == [Books("USD", 5_000, 0, 0)]


async def test_a_confirmed_charge_without_capture_is_only_authorised(adapter: Adapter, merchant: str) -> None:
    charge = order(adapter.asks_the_buyer, merchant, capture=False)
    asked = await adapter.gateway.charge(charge)
    decided = await adapter.gateway.confirm(charge.attempt_id, asked.reference, approve=True)
    assert decided.status is OutcomeStatus.AUTHORISED


async def test_an_authorised_amount_is_given_up_by_a_void_and_a_captured_one_is_not(
    adapter: Adapter, merchant: str
) -> None:
    held = order(adapter.accepted, merchant, capture=False)
    taken = order(adapter.accepted, merchant)
    for charge, status in ((held, OutcomeStatus.VOIDED), (taken, OutcomeStatus.CAPTURED)):
        outcome = await adapter.gateway.charge(charge)
        assert (await adapter.gateway.void(charge.attempt_id, outcome.reference)).status is status
    assert (await adapter.gateway.capture(held.attempt_id, None)).status is OutcomeStatus.VOIDED
    assert await adapter.gateway.report(merchant) == [Books("USD", 5_000, 0, 0)]


async def test_what_is_voided_before_it_came_is_not_charged_when_it_comes(adapter: Adapter, merchant: str) -> None:
    charge = order(adapter.accepted, merchant)
    assert (await adapter.gateway.void(charge.attempt_id, None)).status is OutcomeStatus.VOIDED
    assert (await adapter.gateway.charge(charge)).status is OutcomeStatus.VOIDED
    assert await adapter.gateway.report(merchant) == []


async def test_of_a_charge_and_a_void_at_once_one_wins_and_both_say_so(adapter: Adapter, merchant: str) -> None:
    for _ in range(10):
        charge = order(adapter.accepted, merchant)
        charged, voided = await asyncio.gather(
            adapter.gateway.charge(charge), adapter.gateway.void(charge.attempt_id, None)
        )
        assert charged.status is voided.status
        assert charged.status in {OutcomeStatus.CAPTURED, OutcomeStatus.VOIDED}


async def test_refunds_give_back_in_parts_and_never_more_than_was_captured(adapter: Adapter, merchant: str) -> None:
    outcome = await adapter.gateway.charge(order(adapter.accepted, merchant))
    assert await refunded(adapter.gateway, outcome, 2_000) is RefundOutcomeStatus.EXECUTED
    assert await refunded(adapter.gateway, outcome, 3_001) is RefundOutcomeStatus.FAILED
    assert await refunded(adapter.gateway, outcome, 3_000) is RefundOutcomeStatus.EXECUTED
    assert await refunded(adapter.gateway, outcome, 1) is RefundOutcomeStatus.FAILED
    assert await adapter.gateway.report(merchant) == [Books("USD", 5_000, 5_000, 0)]


async def test_a_repeated_refund_gives_back_once(adapter: Adapter, merchant: str) -> None:
    outcome = await adapter.gateway.charge(order(adapter.accepted, merchant))
    assert outcome.reference is not None
    refund = RefundOrder(new_id(), outcome.reference, Money(2_000, "USD"))
    outcomes = await asyncio.gather(*(adapter.gateway.refund(refund) for _ in range(8)))
    assert len(set(map(repr, outcomes))) == 1
    assert await adapter.gateway.look_up_refund(refund.refund_id) == outcomes[0]
    assert await adapter.gateway.report(merchant) == [Books("USD", 5_000, 2_000, 0)]


async def test_simultaneous_refunds_give_back_no_more_than_was_captured(adapter: Adapter, merchant: str) -> None:
    outcome = await adapter.gateway.charge(order(adapter.accepted, merchant))
    statuses = await asyncio.gather(*(refunded(adapter.gateway, outcome, 1_500) for _ in range(8)))
    assert Counter(statuses) == {RefundOutcomeStatus.EXECUTED: 3, RefundOutcomeStatus.FAILED: 5}


async def test_a_refund_of_nothing_known_or_of_another_currency_fails(adapter: Adapter, merchant: str) -> None:
    outcome = await adapter.gateway.charge(order(adapter.accepted, merchant))
    assert outcome.reference is not None
    for refund in (
        RefundOrder(new_id(), "nobody's charge", Money(1, "USD")),
        RefundOrder(new_id(), outcome.reference, Money(1, "EUR")),
    ):
        assert (await adapter.gateway.refund(refund)).status is RefundOutcomeStatus.FAILED


async def test_a_merchants_report_holds_its_own_money_by_currency(adapter: Adapter, merchant: str) -> None:
    for amount in (USD_50, USD_50, Money(700, "JPY")):
        await adapter.gateway.charge(order(adapter.accepted, merchant, amount))
    await adapter.gateway.charge(order(adapter.accepted, str(new_id())))
    books = await adapter.gateway.report(merchant)
    assert {book.currency: book.held_minor for book in books} == {"USD": 10_000, "JPY": 700}
