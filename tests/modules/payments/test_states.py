"""The states of attempts and refunds: exactly the transitions that are published, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest

from luxewin.kit.money import Money
from luxewin.modules.payments.domain import attempts, refunds
from luxewin.modules.payments.domain.attempts import LIVE, Attempt, AttemptStatus, next_status
from luxewin.modules.payments.domain.gateway_messages import Outcome, OutcomeStatus, RefundOutcome, RefundOutcomeStatus
from luxewin.modules.payments.domain.refunds import Refund, RefundStatus
from luxewin.modules.payments.errors import TransitionRefused

AMOUNT = Money(12_900, "USD")
ONE = UUID("0199a1b2-0000-7000-8000-000000000001")
PUBLISHED_ATTEMPTS = {
    "created": {"requires_action", "unknown", "authorised", "captured", "declined"},
    "requires_action": {"authorised", "captured", "declined", "expired"},
    "unknown": {"requires_action", "captured", "authorised", "declined", "voided"},
    "authorised": {"captured", "voided", "expired"},
    "captured": set(),
    "declined": set(),
    "voided": set(),
    "expired": set(),
}
PUBLISHED_REFUNDS = {
    "granted": {"executing"},
    "executing": {"executed", "failed", "unknown"},
    "unknown": {"executed", "failed"},
    "failed": {"executing"},
    "executed": set(),
}
ATTEMPT = Attempt(
    id=ONE,
    order_id=ONE,
    gateway="simulator",
    status=AttemptStatus.CREATED,
    amount=AMOUNT,
    captured=Money(0, "USD"),
    refund_granted=Money(0, "USD"),
    token="tok_visa",
    reference=None,
    reason=None,
    next_action=None,
    version=1,
    created_at=datetime(2026, 11, 20, tzinfo=UTC),
)
REFUND = Refund(
    id=ONE,
    order_id=ONE,
    attempt_id=ONE,
    gateway="simulator",
    status=RefundStatus.GRANTED,
    amount=AMOUNT,
    reason="none",
    reference=None,
    failure=None,
    charge_reference="ch",
    tries=0,
    version=1,
    created_at=ATTEMPT.created_at,
)


def at(status: AttemptStatus) -> Attempt:
    return replace(ATTEMPT, status=status)


def an_outcome(status: OutcomeStatus, amount: Money = AMOUNT) -> Outcome:
    return Outcome(status, "ref", amount)


@pytest.mark.parametrize(("status", "published"), PUBLISHED_ATTEMPTS.items())
def test_an_attempt_makes_the_documented_transitions_or_is_quarantined(status: str, published: set[str]) -> None:
    assert attempts.successors(AttemptStatus(status)) - {AttemptStatus.QUARANTINED} == published


@pytest.mark.parametrize(("status", "published"), PUBLISHED_REFUNDS.items())
def test_a_refund_makes_the_documented_transitions(status: str, published: set[str]) -> None:
    assert refunds.successors(RefundStatus(status)) == published


def test_the_source_states_of_a_write_are_exactly_those_of_its_transitions() -> None:
    for target in AttemptStatus:
        assert set(attempts.sources(target)) == {s for s in AttemptStatus if target in attempts.successors(s)}
    for goal in RefundStatus:
        assert set(refunds.sources(goal)) == {s for s in RefundStatus if goal in refunds.successors(s)}


@pytest.mark.parametrize("status", AttemptStatus)
@pytest.mark.parametrize("outcome", OutcomeStatus)
def test_an_outcome_causes_a_documented_transition_changes_nothing_or_is_refused(
    status: AttemptStatus, outcome: OutcomeStatus
) -> None:
    try:
        target = next_status(at(status), an_outcome(outcome))
    except TransitionRefused:
        return
    assert target is None or target in attempts.successors(status)


@pytest.mark.parametrize("outcome", OutcomeStatus)
def test_a_repeated_outcome_changes_nothing(outcome: OutcomeStatus) -> None:
    for status in LIVE - {AttemptStatus.CAPTURED}:
        try:
            target = next_status(at(status), an_outcome(outcome))
        except TransitionRefused:
            continue
        if target is not None:
            assert next_status(at(target), an_outcome(outcome)) is None


@pytest.mark.parametrize("status", AttemptStatus)
def test_captured_money_is_always_recorded(status: AttemptStatus) -> None:
    target = next_status(at(status), an_outcome(OutcomeStatus.CAPTURED))
    if status in {AttemptStatus.CAPTURED, AttemptStatus.QUARANTINED}:
        assert target is None
    elif status in {AttemptStatus.DECLINED, AttemptStatus.VOIDED, AttemptStatus.EXPIRED}:
        assert target is AttemptStatus.QUARANTINED
    else:
        assert target is AttemptStatus.CAPTURED


@pytest.mark.parametrize("amount", [Money(12_901, "USD"), Money(12_899, "USD"), Money(12_900, "EUR")])
def test_another_amount_or_currency_never_pays(amount: Money) -> None:
    for status in LIVE - {AttemptStatus.CAPTURED}:
        assert next_status(at(status), an_outcome(OutcomeStatus.CAPTURED, amount)) is AttemptStatus.QUARANTINED
    for status in attempts.UNDECIDED:
        assert next_status(at(status), an_outcome(OutcomeStatus.AUTHORISED, amount)) is AttemptStatus.DECLINED


def test_an_outcome_that_contradicts_a_capture_is_refused() -> None:
    for outcome in (OutcomeStatus.DECLINED, OutcomeStatus.VOIDED, OutcomeStatus.EXPIRED):
        with pytest.raises(TransitionRefused):
            next_status(at(AttemptStatus.CAPTURED), an_outcome(outcome))


@pytest.mark.parametrize("outcome", [OutcomeStatus.UNKNOWN, OutcomeStatus.REQUIRES_ACTION, OutcomeStatus.AUTHORISED])
def test_an_outdated_outcome_changes_nothing(outcome: OutcomeStatus) -> None:
    for status in set(AttemptStatus) - attempts.UNDECIDED:
        assert next_status(at(status), an_outcome(outcome)) is None


def test_a_captured_or_authorised_outcome_needs_an_amount() -> None:
    for status in (OutcomeStatus.CAPTURED, OutcomeStatus.AUTHORISED):
        with pytest.raises(ValueError, match="needs an amount"):
            Outcome(status)


def test_a_token_is_not_in_the_repr_and_is_deleted_after_the_outcome_is_final() -> None:
    assert "tok_visa" not in repr(ATTEMPT)
    assert "tok_visa" not in repr(ATTEMPT.charge(merchant="m"))
    with pytest.raises(TransitionRefused):
        replace(ATTEMPT, status=AttemptStatus.DECLINED, token=None).charge(merchant="m")


@pytest.mark.parametrize("status", RefundStatus)
@pytest.mark.parametrize("outcome", RefundOutcomeStatus)
def test_a_refund_outcome_causes_a_documented_transition_changes_nothing_or_is_refused(
    status: RefundStatus, outcome: RefundOutcomeStatus
) -> None:
    refund = replace(REFUND, status=status)
    try:
        target = refunds.next_status(refund, RefundOutcome(outcome))
    except TransitionRefused:
        assert status in {RefundStatus.GRANTED, RefundStatus.EXECUTED, RefundStatus.FAILED}
        return
    assert target is None or target in refunds.successors(status)


def test_a_repeat_of_a_try_has_the_same_idempotency_key_and_a_new_try_another() -> None:
    keys = [replace(REFUND, tries=tries).execution_id for tries in (1, 1, 2, 3)]
    assert keys == [ONE, ONE, uuid5(ONE, "try 2"), uuid5(ONE, "try 3")]
