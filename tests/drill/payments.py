"""Guards of payments: charged once, refunded within the captured amount, webhooks accepted only if signed."""

from collections.abc import Sequence

from tests.drill.guard import Guard

ATTEMPTS = "src/luxewin/modules/payments/repository/attempts.py"
MODELS = "src/luxewin/modules/payments/models/payments.py"
RECEIVE_WEBHOOK = "src/luxewin/workflows/receive_webhook/workflow.py"
SIGNING = "src/luxewin/modules/payments/gateways/simulator/signing.py"
TEST_ATTEMPTS = "tests/modules/payments/test_attempts.py"
TEST_REFUNDS = "tests/modules/payments/test_refunds.py"
TEST_FORGED = "tests/workflows/test_forged_webhooks.py"
TEST_SIGNING = "tests/modules/payments/gateways/test_simulator.py::test_another_secret_body_or_time_is_refused"

_OF_THE_EVENT = '        " WHERE tenant_id = $1 AND gateway = $2 AND event_id = $3'

PAYMENTS: Sequence[Guard] = (
    Guard(
        name="an order has one live attempt",
        file=MODELS,
        guard="    attempts.c.order_id,\n    unique=True,\n",
        gone="    attempts.c.order_id,\n",
        tests=[f"{TEST_ATTEMPTS}::test_an_order_has_one_live_attempt_until_it_is_declined"],
    ),
    Guard(
        name="an attempt is updated only if it has not changed",
        file=ATTEMPTS,
        guard="AND version = $10 AND status = ANY ($11::text[])",
        gone="AND $10::bigint > 0 AND $11::text[] IS NOT NULL",
        tests=[f"{TEST_ATTEMPTS}::test_a_stale_reading_cannot_move_an_attempt"],
    ),
    Guard(
        name="an attempt makes only the documented transitions",
        file="src/luxewin/modules/payments/domain/attempts.py",
        guard="if target not in successors(attempt.status):",
        gone="if False:",
        tests=["tests/modules/payments/test_states.py::test_an_outcome_that_contradicts_a_capture_is_refused"],
    ),
    Guard(
        name="another amount never pays",
        file="src/luxewin/modules/payments/domain/attempts.py",
        guard="fits = outcome.amount == attempt.amount and attempt.status",
        gone="fits = attempt.status",
        tests=["tests/modules/payments/test_states.py::test_another_amount_or_currency_never_pays"],
    ),
    Guard(
        name="a refund is within the captured amount: the write",
        file=ATTEMPTS,
        guard='        " AND captured_minor - refund_granted_minor - disputed_minor >= $3",\n',
        gone='        "",\n',
        tests=[
            f"{TEST_REFUNDS}::test_a_disputed_payment_refunds_no_more_than_the_undisputed_amount",
            f"{TEST_REFUNDS}::test_of_fifty_parallel_refunds_only_those_that_fit_are_granted",
        ],
    ),
    Guard(
        name="a refund is within the captured amount: the table",
        file=MODELS,
        guard='    CheckConstraint("refund_granted_minor BETWEEN 0 AND captured_minor", name="refund_granted"),\n',
        gone="",
        tests=[f"{TEST_ATTEMPTS}::test_the_database_itself_refuses_more_granted_than_captured_and_unnamed_states"],
    ),
    Guard(
        name="the signature of a webhook matches its body",
        file=SIGNING,
        guard="if not hmac.compare_digest(match[2], _digest(secret, body, at_seconds)):",
        gone="if False:",
        tests=[TEST_SIGNING],
    ),
    Guard(
        name="the signature of a webhook is recent",
        file=SIGNING,
        guard="if abs(at.timestamp() - at_seconds) > TOLERANCE_SECONDS:",
        gone="if False:",
        tests=[TEST_SIGNING],
    ),
    Guard(
        name="a webhook is not booked without the gateway's confirmation",
        file=RECEIVE_WEBHOOK,
        guard="        await settle(tx, event.attempt_id, record.outcome)\n",
        gone="        await settle(tx, event.attempt_id, event.outcome)\n",
        tests=[f"{TEST_FORGED}::test_a_forged_capture_with_a_valid_signature_books_nothing_and_is_recorded"],
    ),
    Guard(
        name="a webhook that the gateway does not confirm is recorded as contradicted",
        file=RECEIVE_WEBHOOK,
        guard="    if event.is_confirmed_by(record):\n",
        gone="    if True:\n",
        tests=[f"{TEST_FORGED}::test_a_forged_dispute_takes_no_money_back"],
    ),
    Guard(
        name="a forged webhook does not take the place of the one with its id",
        file="src/luxewin/modules/payments/service/webhooks.py",
        guard='return replace(event, id=f"{event.id}:{hashlib.sha256(body).hexdigest()[:32]}")',
        gone="return event",
        tests=[f"{TEST_FORGED}::test_the_amount_of_a_webhook_is_never_booked"],
    ),
    Guard(
        name="a webhook that was contradicted is tried again when it is sent again",
        file="src/luxewin/modules/payments/repository/webhooks.py",
        guard="SET handled_at = NULL, due_at = now(), tries = 0, result = NULL WHERE d.result <> 'applied'",
        gone="SET tries = d.tries WHERE false",
        tests=[f"{TEST_FORGED}::test_a_forged_event_does_not_take_the_place_of_the_one_with_its_id"],
    ),
    Guard(
        name="a charge is retrieved by its own merchant only",
        file="src/luxewin/modules/payments/repository/simulator_ledger.py",
        guard="FROM simulator.charges WHERE merchant = $1 AND attempt_id = $2",
        gone="FROM simulator.charges WHERE $1::text IS NOT NULL AND attempt_id = $2",
        tests=["tests/modules/payments/gateways/test_contract.py::test_a_charge_is_retrieved_by_its_own_merchant_only"],
    ),
    Guard(
        name="a webhook takes effect once",
        file="src/luxewin/modules/payments/repository/webhooks.py",
        guard='SET result = $4, handled_at = kit_now(), due_at = NULL"\n' + _OF_THE_EVENT + " AND handled_at IS NULL",
        gone='SET result = $4, handled_at = kit_now(), due_at = NULL"\n' + _OF_THE_EVENT,
        tests=["tests/modules/payments/test_webhook_repeats.py"],
    ),
    Guard(
        name="a card number is not accepted as a token",
        file="src/luxewin/modules/payments/service/attempts.py",
        guard="if attempt.token is not None and looks_like_card_number(attempt.token):",
        gone="if False:",
        tests=[f"{TEST_ATTEMPTS}::test_card_data_and_payments_of_zero_are_refused_before_anything_is_stored"],
    ),
    Guard(
        name="a dry run of a refund that is sent again calls no gateway",
        file="src/luxewin/workflows/refund_order/workflow.py",
        guard="        return await run.dry_run(dry_run_effect)\n    await run.claim(begin)\n",
        gone="        pass\n    await run.claim(begin)\n",
        tests=["tests/workflows/test_dry_runs.py"],
    ),
)
