"""Guards of payments: charged once, refunded within the captured amount, webhooks accepted only if signed."""

from collections.abc import Sequence

from tests.drill.guard import Guard

ATTEMPTS = "src/luxewin/modules/payments/repository/attempts.py"
MODELS = "src/luxewin/modules/payments/models/payments.py"
SIGNING = "src/luxewin/modules/payments/gateways/simulator/signing.py"
TEST_ATTEMPTS = "tests/modules/payments/test_attempts.py"
TEST_REFUNDS = "tests/modules/payments/test_refunds.py"
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
        name="a webhook takes effect once",
        file="src/luxewin/modules/payments/repository/webhooks.py",
        guard='SET handled_at = kit_now(), due_at = NULL"\n' + _OF_THE_EVENT + " AND handled_at IS NULL",
        gone='SET handled_at = kit_now(), due_at = NULL"\n' + _OF_THE_EVENT,
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
