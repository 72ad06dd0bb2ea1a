"""A cancelled raffle refunds every purchase exactly once, wherever it is interrupted."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from luxewin.modules.identity.public import Role
from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import Market
from tests.workflows.mortality import Killed
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    buy_tickets,
    customers,
    expect,
    expect_error,
    post_purchase,
    publish_raffle,
    read_raffle,
    ticket_counts,
)


async def cancel(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Cancel a raffle; the worker refunds its purchases later."""
    return expect(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "the prize broke"}), 200)


async def must_be_refunded(market: Market, raffle: dict[str, Any], *, purchases: int) -> None:
    """Check that every purchase has one executed refund, and that no money of the raffle is left."""
    refunds = await market.rows("SELECT status FROM payments_refunds WHERE tenant_id = $1")
    assert [row[0] for row in refunds] == ["executed"] * purchases
    books = await market.gateway_totals()
    assert books.held_minor == 0
    raffle_id = UUID(raffle["id"])
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, raffle_id) == 0
    assert await market.flow.balance(AccountKind.REFUNDS_PAYABLE) == 0
    assert await market.find_violations() == []


async def test_cancelling_stops_the_sales_at_once(market: Market) -> None:
    raffle = await publish_raffle(market)
    assert (await cancel(market, raffle))["status"] == "cancelled"
    expect_error(await post_purchase(market.buyer, raffle), 409, "raffles.not_open")
    again = await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "again"})
    expect_error(again, 409, "raffles.state_forbids")


async def test_every_purchase_is_refunded_once_in_any_payment_state(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100)
    paid = [await buy_tickets(person, raffle, 2) for person in customers(market, 3)]
    held, unknown, asked = customers(market, 3)
    await buy_tickets(held, raffle, 2, token=None)
    expect(await post_purchase(unknown, raffle, 2, token="tok_unknown"), 202)
    expect(await post_purchase(asked, raffle, 2, token="tok_3ds"), 201)
    await cancel(market, raffle)
    await market.draw()
    assert await ticket_counts(market, raffle) == (6, 0, 6)
    await market.settle_down()
    books = await market.gateway_totals()
    assert (books.captured_minor, books.refunded_minor) == (4 * 2 * TICKET_PRICE, 4 * 2 * TICKET_PRICE)
    await must_be_refunded(market, raffle, purchases=4)
    for purchase in paid:
        order = await market.staff.read_order(purchase["order_id"])
        assert (order["payment_status"], len(order["refunds"])) == ("refunded", 1)


async def test_free_tickets_are_void_without_a_refund(market: Market) -> None:
    raffle = await publish_raffle(market, ticket_price={"amount": 0, "currency": "USD"})
    purchase = await buy_tickets(market.buyer, raffle, 2, token=None)
    await cancel(market, raffle)
    await market.draw()
    assert expect(await market.buyer.request("GET", f"/purchases/{purchase['id']}"), 200)["status"] == "refunded"
    await must_be_refunded(market, raffle, purchases=0)


async def test_concurrent_workers_refund_once(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100)
    for person in customers(market, 5):
        await buy_tickets(person, raffle, 2)
    await cancel(market, raffle)
    await asyncio.gather(market.draw(), market.draw(), market.draw())
    await market.settle_down()
    await must_be_refunded(market, raffle, purchases=5)


async def test_purchases_during_a_cancellation_are_refused_or_refunded(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100)
    answers = await asyncio.gather(
        *(post_purchase(person, raffle, 2) for person in customers(market, 8)),
        market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "the prize broke"}),
        *(post_purchase(person, raffle, 2) for person in customers(market, 8)),
    )
    paid = sum(answer.status_code == 201 for answer in answers)
    await market.settle_down()
    await market.draw()
    await market.settle_down()
    await must_be_refunded(market, raffle, purchases=paid)


STEPS = 11


async def test_refunding_has_the_expected_crash_points(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100)
    for person in customers(market, 3):
        await buy_tickets(person, raffle, 2)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 2, token=None)
    await cancel(market, raffle)
    market.process.restart()
    await market.draw()
    assert market.process.steps == ["commit"] * STEPS


@pytest.mark.parametrize("after", range(1, STEPS + 1))
async def test_interrupted_at_any_step_each_purchase_is_refunded_once(market: Market, after: int) -> None:
    raffle = await publish_raffle(market, capacity=100)
    for person in customers(market, 3):
        await buy_tickets(person, raffle, 2)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 2, token=None)
    await cancel(market, raffle)
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await market.draw()
    market.process.restart()
    await market.draw()
    await market.settle_down()
    await must_be_refunded(market, raffle, purchases=3)
    assert (await read_raffle(market, raffle))["tickets_entered"] == 0


async def test_ten_thousand_tickets_are_refunded_across_an_interruption(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=10_000, per_person_limit=None)
    people = customers(market, 100)
    for batch in range(0, 100, 10):
        await asyncio.gather(*(buy_tickets(person, raffle, 100) for person in people[batch : batch + 10]))
    assert await ticket_counts(market, raffle) == (10_000, 0, 0)
    await cancel(market, raffle)
    market.process.crash_after(50)
    with pytest.raises(Killed):
        await market.draw()
    market.process.restart()
    await market.draw()
    await market.settle_down()
    assert await ticket_counts(market, raffle) == (10_000, 0, 10_000)
    await must_be_refunded(market, raffle, purchases=100)
