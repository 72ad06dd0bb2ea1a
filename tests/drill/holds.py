"""Guards of unpaid orders and of disputed tickets."""

from collections.abc import Sequence

from tests.drill.guard import Guard

RULES = "src/luxewin/modules/orders/domain/holds.py"
FLOWS = "tests/workflows/test_holds.py"
DISPUTED = "tests/workflows/raffles/test_disputed.py"
UNITS = "tests/modules/orders/test_hold_limits.py"

HOLDS: Sequence[Guard] = (
    Guard(
        name="unpaid orders of a buyer and of an address follow each other",
        file="src/luxewin/modules/orders/service/limit_holds.py",
        guard="        await holds.lock_holder(tx, person=person, address_bucket=policy.address_bucket)\n",
        gone="        del person\n",
        tests=[f"{FLOWS}::test_open_orders_are_limited_also_for_simultaneous_requests"],
    ),
    Guard(
        name="an order holds no more than its share without a payment",
        file=RULES,
        guard="    if before + line.quantity <= most:\n",
        gone="    if before + line.quantity <= most or most > 0:\n",
        tests=[f"{FLOWS}::test_a_buyer_who_pays_one_ticket_cannot_hold_the_rest_and_draw_alone"],
    ),
    Guard(
        name="cancelled and expired orders count against the budget",
        file=RULES,
        guard="    if held.unpaid_orders >= scope.unpaid_orders:\n",
        gone="    if held.open_orders >= scope.unpaid_orders:\n",
        tests=[f"{FLOWS}::test_orders_that_are_cancelled_and_placed_again_use_up_a_budget"],
    ),
    Guard(
        name="nothing is held without a payment shortly before the close",
        file=RULES,
        guard="    if is_closing and not policy.pays_now:\n",
        gone="    if is_closing and not policy:\n",
        tests=[f"{FLOWS}::test_shortly_before_the_close_tickets_are_sold_only_with_a_payment"],
    ),
    Guard(
        name="what is held ends before the sale closes",
        file=RULES,
        guard="    return min([now + window, *ends])\n",
        gone="    return now + window\n",
        tests=[f"{UNITS}::test_unpaid_tickets_are_released_before_the_sale_closes"],
    ),
    Guard(
        name="a payment without a result does not hold stock for ever",
        file="src/luxewin/modules/orders/repository/orders.py",
        guard='(o.expires_at <= kit_now() - $3::interval"',
        gone='($3::interval IS NULL"',
        tests=[f"{FLOWS}::test_a_payment_that_stays_unknown_does_not_hold_stock_for_ever"],
    ),
    Guard(
        name="a ticket that is disputed at the lock is left out of the list",
        file="src/luxewin/modules/raffles/repository/entries.py",
        guard="AND NOT EXISTS (SELECT FROM raffles_left_out x",
        gone="AND NOT EXISTS (SELECT FROM (SELECT * FROM raffles_left_out WHERE false) AS x",
        tests=[f"{DISPUTED}::test_tickets_disputed_at_the_lock_are_left_out_and_the_proof_verifies"],
    ),
    Guard(
        name="the prize of a disputed ticket cannot be claimed",
        file="src/luxewin/workflows/claim_prize/workflow.py",
        guard="    await _must_not_be_disputed(tx, raffle, winner)\n",
        gone="",
        tests=[f"{DISPUTED}::test_a_prize_of_a_ticket_disputed_after_the_lock_is_not_given_out_and_passes_on"],
    ),
)
