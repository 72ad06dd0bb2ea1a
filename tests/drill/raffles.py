"""Guards of raffles: no ticket too many, no number taken back."""

from collections.abc import Sequence

from tests.drill.guard import Guard

TICKET_ROWS = "src/luxewin/modules/raffles/repository/tickets.py"
TEST_BUYING = "tests/workflows/raffles/test_buying.py"
TEST_PAGES = "tests/workflows/raffles/test_pages.py"

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
    Guard(
        name="raffles: a path is shown only into the list that the receipt commits to",
        file="src/luxewin/modules/raffles/service/show_entries.py",
        guard="        if branches.close() != lock.receipt.merkle_root:\n",
        gone="        if not branches.close():\n",
        tests=["tests/workflows/raffles/test_pieces.py::test_a_list_that_is_not_the_receipts_is_shown_to_nobody"],
    ),
    Guard(
        name="raffles: nobody but staff learns of a draft, on a page either",
        file="src/luxewin/modules/raffles/service/show_raffles.py",
        guard="    if raffle.status not in PUBLIC:\n",
        gone="    if False:\n",
        tests=[f"{TEST_PAGES}::test_what_is_not_there_or_not_public_is_not_found"],
    ),
    Guard(
        name="raffles: a host shows the raffles of its own shop alone",
        file="src/luxewin/pages/raffles/visits.py",
        guard=" or (hosted and hosted.id != tenant.id)",
        gone="",
        tests=[f"{TEST_PAGES}::test_the_shop_is_the_hosts_and_only_that"],
    ),
    Guard(
        name="raffles: the page's round is told of a locked raffle alone",
        file="src/luxewin/pages/raffles/pages.py",
        guard="        if raffle.lock is None or not",
        gone="        if not",
        tests=[f"{TEST_PAGES}::test_its_round_is_told_as_a_relay_would_and_not_before_it_is_due"],
    ),
)
