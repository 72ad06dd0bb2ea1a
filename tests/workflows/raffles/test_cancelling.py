"""A cancelled raffle gives back every purchase, exactly once, wherever it is interrupted."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import Role
from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import Market
from tests.workflows.mortality import Killed
from tests.workflows.raffles.fair import (
    TICKET_PRICE,
    bought,
    buy,
    buyers,
    counts,
    published,
    refused,
    seen,
    told,
)


async def cancel(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Cancel a raffle; its purchases are given back later."""
    return told(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "the prize broke"}), 200)


async def must_have_given_back(market: Market, raffle: dict[str, Any], *, purchases: int) -> None:
    """Every purchase has one refund, executed, and nothing of the raffle's money is left."""
    refunds = await market.rows("SELECT status FROM payments_refunds WHERE tenant_id = $1")
    assert [row[0] for row in refunds] == ["executed"] * purchases
    books = await market.books()
    assert books.held_minor == 0
    raffle_id = UUID(raffle["id"])
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, raffle_id) == 0
    assert await market.flow.balance(AccountKind.REFUNDS_PAYABLE) == 0
    assert await market.broken_laws() == []


async def test_cancelling_ends_the_sales_at_once(market: Market) -> None:
    raffle = await published(market)
    assert (await cancel(market, raffle))["status"] == "cancelled"
    refused(await buy(market.buyer, raffle), 409, "raffles.not_open")
    again = await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "again"})
    refused(again, 409, "raffles.state_forbids")


async def test_every_purchase_is_given_back_once_whatever_its_payment_was_doing(market: Market) -> None:
    raffle = await published(market, capacity=100)
    paid = [await bought(person, raffle, 2) for person in buyers(market, 3)]
    held, unknown, asked = buyers(market, 3)
    await bought(held, raffle, 2, token=None)
    told(await buy(unknown, raffle, 2, token="tok_unknown"), 202)
    told(await buy(asked, raffle, 2, token="tok_3ds"), 201)
    await cancel(market, raffle)
    await market.draw()
    assert await counts(market, raffle) == (6, 0, 6)
    await market.settle_down()
    books = await market.books()
    assert (books.captured_minor, books.refunded_minor) == (4 * 2 * TICKET_PRICE, 4 * 2 * TICKET_PRICE)
    await must_have_given_back(market, raffle, purchases=4)
    for purchase in paid:
        order = await market.staff.seen(purchase["order_id"])
        assert (order["payment_status"], len(order["refunds"])) == ("refunded", 1)


async def test_free_tickets_are_void_without_a_refund(market: Market) -> None:
    raffle = await published(market, ticket_price={"amount": 0, "currency": "USD"})
    purchase = await bought(market.buyer, raffle, 2, token=None)
    await cancel(market, raffle)
    await market.draw()
    assert told(await market.buyer.ask("GET", f"/purchases/{purchase['id']}"), 200)["status"] == "refunded"
    await must_have_given_back(market, raffle, purchases=0)


async def test_two_workers_that_give_back_at_once_give_back_once(market: Market) -> None:
    raffle = await published(market, capacity=100)
    for person in buyers(market, 5):
        await bought(person, raffle, 2)
    await cancel(market, raffle)
    await asyncio.gather(market.draw(), market.draw(), market.draw())
    await market.settle_down()
    await must_have_given_back(market, raffle, purchases=5)


async def test_buyers_who_come_while_it_is_cancelled_are_refused_or_given_back(market: Market) -> None:
    raffle = await published(market, capacity=100)
    answers = await asyncio.gather(
        *(buy(person, raffle, 2) for person in buyers(market, 8)),
        market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "the prize broke"}),
        *(buy(person, raffle, 2) for person in buyers(market, 8)),
    )
    paid = sum(answer.status_code == 201 for answer in answers)
    await market.settle_down()
    await market.draw()
    await market.settle_down()
    await must_have_given_back(market, raffle, purchases=paid)


STEPS = 11


async def test_giving_back_takes_the_steps_at_which_it_is_cut_below(market: Market) -> None:
    raffle = await published(market, capacity=100)
    for person in buyers(market, 3):
        await bought(person, raffle, 2)
    await bought(market.person(Role.CUSTOMER), raffle, 2, token=None)
    await cancel(market, raffle)
    market.thread.mend()
    await market.draw()
    assert market.thread.steps == ["commit"] * STEPS


@pytest.mark.parametrize("after", range(1, STEPS + 1))
async def test_killed_at_any_step_it_gives_back_each_purchase_once(market: Market, after: int) -> None:
    raffle = await published(market, capacity=100)
    for person in buyers(market, 3):
        await bought(person, raffle, 2)
    await bought(market.person(Role.CUSTOMER), raffle, 2, token=None)
    await cancel(market, raffle)
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await market.draw()
    market.thread.mend()
    await market.draw()
    await market.settle_down()
    await must_have_given_back(market, raffle, purchases=3)
    assert (await seen(market, raffle))["tickets_entered"] == 0


async def test_ten_thousand_tickets_are_given_back_through_a_kill_in_the_middle(market: Market) -> None:
    raffle = await published(market, capacity=10_000, per_person_limit=None)
    people = buyers(market, 100)
    for batch in range(0, 100, 10):
        await asyncio.gather(*(bought(person, raffle, 100) for person in people[batch : batch + 10]))
    assert await counts(market, raffle) == (10_000, 0, 0)
    await cancel(market, raffle)
    market.thread.cut_after(50)
    with pytest.raises(Killed):
        await market.draw()
    market.thread.mend()
    await market.draw()
    await market.settle_down()
    assert await counts(market, raffle) == (10_000, 0, 10_000)
    await must_have_given_back(market, raffle, purchases=100)
