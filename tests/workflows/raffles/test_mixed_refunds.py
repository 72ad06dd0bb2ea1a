"""Refunds of orders with goods and tickets cover exactly the lines that are named, each by its own rules."""

import asyncio
from collections import Counter

import pytest

from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import PRICE, SHIPPING, Market
from tests.workflows.mortality import Killed
from tests.workflows.raffles.baskets import (
    STOCK,
    booked_amounts,
    fill_cart,
    order_line,
    read_purchase,
    request_refund,
    stock_and_tickets,
)
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    add_to_cart,
    buy_tickets,
    customers,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    publish_raffle,
    ticket_counts,
    ticket_numbers,
)

TICKETS = 2 * TICKET_PRICE
TOTAL = PRICE + SHIPPING + TICKETS


async def test_a_full_refund_voids_the_tickets_and_refunds_the_total(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    given = expect(await request_refund(market, order, restock=True), 201)
    assert given["amount"]["amount"] == TOTAL
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 2, 0, 2)
    assert (await read_purchase(market.buyer, order, raffle))["status"] == "refunded"
    assert await booked_amounts(market, raffle) == (0, 0, 0)
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == 0
    assert await market.flow.balance(AccountKind.REFUNDS_PAYABLE) == 0


async def test_a_refund_of_one_raffles_line_voids_exactly_its_tickets(market: Market) -> None:
    one, two = await publish_raffle(market), await publish_raffle(market)
    basket = await fill_cart(market, one)
    await add_to_cart(market.buyer, two, 3)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    given = expect(await request_refund(market, order, order_line(order, two)), 201)
    assert given["amount"]["amount"] == 3 * TICKET_PRICE
    assert await ticket_counts(market, two) == (3, 0, 3)
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert ticket_numbers(await read_purchase(market.buyer, order, one)) == [1, 2]
    assert await booked_amounts(market, one, two) == (PRICE, SHIPPING, TICKETS, 0)
    expect_error(await request_refund(market, order, order_line(order, two)), 409, "orders.refund_too_large")
    rest = expect(await request_refund(market, order), 201)
    assert rest["amount"]["amount"] == TOTAL
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == 0


async def test_a_refund_of_goods_does_not_change_the_tickets(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    given = expect(await request_refund(market, order, order_line(order), restock=True), 201)
    assert given["amount"]["amount"] == PRICE
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 2, 0, 0)
    assert sum((await booked_amounts(market, raffle))[:2]) == SHIPPING
    assert (await booked_amounts(market, raffle))[2] == TICKETS


async def test_a_refund_by_amount_excludes_tickets(market: Market) -> None:
    raffle = await publish_raffle(market)
    await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    most = {"amount": PRICE + SHIPPING, "currency": "USD"}
    more = {"amount": PRICE + SHIPPING + 1, "currency": "USD"}
    expect_error(await request_refund(market, order, amount=more), 409, "orders.refund_too_large")
    expect(await request_refund(market, order, amount=most), 201)
    assert await booked_amounts(market, raffle) == (0, 0, TICKETS)
    assert await ticket_counts(market, raffle) == (2, 0, 0)


async def test_goods_and_tickets_are_refunded_together(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    given = expect(await request_refund(market, order, order_line(order, raffle), order_line(order), restock=True), 201)
    assert given["amount"]["amount"] == PRICE + TICKETS
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 2, 0, 2)


async def test_after_the_lock_goods_can_be_refunded_and_tickets_cannot(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    await lock_raffle(market, raffle)
    for lines in ([], [order_line(order, raffle)], [order_line(order, raffle), order_line(order)]):
        expect_error(await request_refund(market, order, *lines), 409, "raffles.tickets_final")
    expect_error(
        await market.staff.post(f"/orders/{order['id']}/cancel", {"reason": "asked for"}), 409, "raffles.tickets_final"
    )
    expect(await request_refund(market, order, order_line(order), restock=True), 201)
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 2, 0, 0)
    await draw_raffle(market, raffle)


async def test_staff_cancel_a_paid_order_with_all_its_lines_and_its_buyer_cannot(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    path = f"/orders/{order['id']}/cancel"
    expect_error(await market.buyer.post(path, {}), 409, "raffles.tickets_final")
    expect(await market.staff.post(path, {"reason": "asked for"}), 200)
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 2, 0, 2)
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == 0


async def cancelled(market: Market) -> list[dict[str, object]]:
    """Sell tickets of a raffle, alone and together with goods and tickets of another raffle, and cancel it."""
    raffle, other = await publish_raffle(market, capacity=100), await publish_raffle(market, capacity=100)
    orders = []
    for person in customers(market, 2):
        await fill_cart(market, raffle, person=person)
        await add_to_cart(person, other, 1)
        orders.append(expect(await person.check_out("tok_visa"), 201))
    await buy_tickets(market.buyer, raffle, 2)
    expect(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "the prize broke"}), 200)
    return [raffle, other, *orders]


async def must_refund_only_its_lines(market: Market, sold: list[dict[str, object]]) -> None:
    raffle, other, *orders = sold
    await market.settle_down()
    refunds = await market.rows("SELECT status, amount_minor FROM payments_refunds WHERE tenant_id = $1")
    assert [tuple(row) for row in refunds] == [("executed", TICKETS)] * 3
    assert await booked_amounts(market, raffle, other) == (2 * PRICE, 2 * SHIPPING, 0, 2 * TICKET_PRICE)
    assert (await ticket_counts(market, raffle), await ticket_counts(market, other)) == ((6, 0, 6), (2, 0, 0))
    for order in orders:
        seen = await market.staff.read_order(order["id"])
        assert (seen["status"], seen["payment_status"]) == ("paid", "part_refunded")


async def test_a_cancelled_raffle_refunds_only_its_own_lines(market: Market) -> None:
    sold = await cancelled(market)
    await market.draw()
    await must_refund_only_its_lines(market, sold)


@pytest.mark.parametrize("after", range(1, 6))
async def test_interrupted_during_refunds_it_refunds_once(market: Market, after: int) -> None:
    sold = await cancelled(market)
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await market.draw()
    market.process.restart()
    await market.draw()
    await must_refund_only_its_lines(market, sold)


async def test_concurrent_refunds_of_one_line_refund_once(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    answers = await asyncio.gather(*(request_refund(market, order, order_line(order, raffle)) for _ in range(6)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 2)
