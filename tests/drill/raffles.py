"""Guards of raffles: no ticket too many, no number taken back."""

from collections.abc import Sequence

from tests.drill.guard import Guard

TICKET_ROWS = "src/luxewin/modules/raffles/repository/tickets.py"
TEST_BUYING = "tests/workflows/raffles/test_buying.py"

RAFFLES: Sequence[Guard] = (
    Guard(
        name="raffles: no ticket is held beyond the capacity",
        file=TICKET_ROWS,
        guard='        " AND c.sold + c.held + s.quantity <= c.capacity",\n',
        gone='        "",\n',
        tests=[
            "tests/workflows/raffles/test_races.py::test_the_last_tickets_are_sold_once_to_fifty_simultaneous_buyers"
        ],
    ),
    Guard(
        name="raffles: paid tickets are given back by staff alone",
        file="src/luxewin/modules/orders/service/cancel_order.py",
        guard="    if was_paid and order.tickets and not tx.principal.is_staff:\n",
        gone="    if False:\n",
        tests=[f"{TEST_BUYING}::test_paid_tickets_can_be_given_back_by_staff_alone_and_keep_their_numbers"],
    ),
)
