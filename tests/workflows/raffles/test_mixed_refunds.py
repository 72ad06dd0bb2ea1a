"""What is given back of an order of goods and tickets: exactly the lines that are named, each by its own rules."""

import asyncio
from collections import Counter

import pytest

from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import PRICE, SHIPPING, Market
from tests.workflows.mortality import Killed
from tests.workflows.raffles.baskets import STOCK, booked, filled, give_back, line_of, purchase_of, standing
from tests.workflows.raffles.fair import (
    TICKET_PRICE,
    bought,
    buyers,
    counts,
    drawn,
    locked,
    numbers,
    published,
    put,
    refused,
    told,
)

TICKETS = 2 * TICKET_PRICE
TOTAL = PRICE + SHIPPING + TICKETS


async def test_a_whole_refund_voids_the_tickets_and_gives_back_every_cent(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    given = told(await give_back(market, order, restock=True), 201)
    assert given["amount"]["amount"] == TOTAL
    assert await standing(market, basket) == (STOCK, 0, 2, 0, 2)
    assert (await purchase_of(market.buyer, order, raffle))["status"] == "refunded"
    assert await booked(market, raffle) == (0, 0, 0)
    await market.settle_down()
    assert (await market.books()).held_minor == 0
    assert await market.flow.balance(AccountKind.REFUNDS_PAYABLE) == 0


async def test_a_refund_of_one_raffles_line_voids_exactly_its_tickets(market: Market) -> None:
    one, two = await published(market), await published(market)
    basket = await filled(market, one)
    await put(market.buyer, two, 3)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    given = told(await give_back(market, order, line_of(order, two)), 201)
    assert given["amount"]["amount"] == 3 * TICKET_PRICE
    assert await counts(market, two) == (3, 0, 3)
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert numbers(await purchase_of(market.buyer, order, one)) == [1, 2]
    assert await booked(market, one, two) == (PRICE, SHIPPING, TICKETS, 0)
    refused(await give_back(market, order, line_of(order, two)), 409, "orders.refund_too_large")
    rest = told(await give_back(market, order), 201)
    assert rest["amount"]["amount"] == TOTAL
    await market.settle_down()
    assert (await market.books()).held_minor == 0


async def test_a_refund_of_goods_leaves_the_tickets_alone(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    given = told(await give_back(market, order, line_of(order), restock=True), 201)
    assert given["amount"]["amount"] == PRICE
    assert await standing(market, basket) == (STOCK, 0, 2, 0, 0)
    assert sum((await booked(market, raffle))[:2]) == SHIPPING
    assert (await booked(market, raffle))[2] == TICKETS


async def test_an_amount_is_taken_from_what_is_not_tickets(market: Market) -> None:
    raffle = await published(market)
    await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    most = {"amount": PRICE + SHIPPING, "currency": "USD"}
    more = {"amount": PRICE + SHIPPING + 1, "currency": "USD"}
    refused(await give_back(market, order, amount=more), 409, "orders.refund_too_large")
    told(await give_back(market, order, amount=most), 201)
    assert await booked(market, raffle) == (0, 0, TICKETS)
    assert await counts(market, raffle) == (2, 0, 0)


async def test_goods_and_tickets_are_given_back_by_one_refund(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    given = told(await give_back(market, order, line_of(order, raffle), line_of(order), restock=True), 201)
    assert given["amount"]["amount"] == PRICE + TICKETS
    assert await standing(market, basket) == (STOCK, 0, 2, 0, 2)


async def test_once_the_list_is_locked_goods_can_be_given_back_and_tickets_cannot(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    await locked(market, raffle)
    for lines in ([], [line_of(order, raffle)], [line_of(order, raffle), line_of(order)]):
        refused(await give_back(market, order, *lines), 409, "raffles.tickets_final")
    refused(
        await market.staff.post(f"/orders/{order['id']}/cancel", {"reason": "asked for"}), 409, "raffles.tickets_final"
    )
    told(await give_back(market, order, line_of(order), restock=True), 201)
    assert await standing(market, basket) == (STOCK, 0, 2, 0, 0)
    await drawn(market, raffle)


async def test_staff_cancel_a_paid_order_with_all_its_lines_and_its_buyer_cannot(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    path = f"/orders/{order['id']}/cancel"
    refused(await market.buyer.post(path, {}), 409, "raffles.tickets_final")
    told(await market.staff.post(path, {"reason": "asked for"}), 200)
    assert await standing(market, basket) == (STOCK, 0, 2, 0, 2)
    await market.settle_down()
    assert (await market.books()).held_minor == 0


async def cancelled(market: Market) -> list[dict[str, object]]:
    """Sell tickets of one raffle alone and beside goods and tickets of another, and cancel it."""
    raffle, other = await published(market, capacity=100), await published(market, capacity=100)
    orders = []
    for person in buyers(market, 2):
        await filled(market, raffle, person=person)
        await put(person, other, 1)
        orders.append(told(await person.check_out("tok_visa"), 201))
    await bought(market.buyer, raffle, 2)
    told(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "the prize broke"}), 200)
    return [raffle, other, *orders]


async def must_have_given_back_its_lines_alone(market: Market, sold: list[dict[str, object]]) -> None:
    raffle, other, *orders = sold
    await market.settle_down()
    refunds = await market.rows("SELECT status, amount_minor FROM payments_refunds WHERE tenant_id = $1")
    assert [tuple(row) for row in refunds] == [("executed", TICKETS)] * 3
    assert await booked(market, raffle, other) == (2 * PRICE, 2 * SHIPPING, 0, 2 * TICKET_PRICE)
    assert (await counts(market, raffle), await counts(market, other)) == ((6, 0, 6), (2, 0, 0))
    for order in orders:
        seen = await market.staff.seen(order["id"])
        assert (seen["status"], seen["payment_status"]) == ("paid", "part_refunded")


async def test_a_cancelled_raffle_gives_back_its_own_lines_and_no_other(market: Market) -> None:
    sold = await cancelled(market)
    await market.draw()
    await must_have_given_back_its_lines_alone(market, sold)


@pytest.mark.parametrize("after", range(1, 6))
async def test_killed_while_it_gives_back_it_gives_back_once(market: Market, after: int) -> None:
    sold = await cancelled(market)
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await market.draw()
    market.thread.mend()
    await market.draw()
    await must_have_given_back_its_lines_alone(market, sold)


async def test_refunds_of_one_line_that_come_at_once_give_back_once(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    answers = await asyncio.gather(*(give_back(market, order, line_of(order, raffle)) for _ in range(6)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 2)
