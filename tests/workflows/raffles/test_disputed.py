"""A ticket whose payment is disputed when the list is locked does not win."""

import json

from tests.workflows.market import Market
from tests.workflows.raffles.scenario import (
    buy_tickets,
    customers,
    expect_error,
    lock_raffle,
    publish_raffle,
    read_public,
    read_raffle,
    set_clock,
    ticket_numbers,
)
from tests.workflows.raffles.test_claims import current_winner
from verify import verify_draw


async def dispute(market: Market) -> None:
    """Let the gateway open the disputes that are due, and report them."""
    await market.pass_time(seconds=5)
    assert await market.deliver() > 0
    await market.sweep()


async def test_tickets_disputed_at_the_lock_are_left_out_and_the_proof_verifies(market: Market) -> None:
    raffle = await publish_raffle(market)
    fraudster, (first, second) = market.buyer, customers(market, 2)
    await buy_tickets(first, raffle, 1)
    disputed = ticket_numbers(await buy_tickets(fraudster, raffle, 4, token="tok_dispute"))
    await buy_tickets(second, raffle, 2)
    await dispute(market)
    await lock_raffle(market, raffle)
    receipt = await read_public(market, raffle, "receipt")
    assert receipt["receipt"]["entries"] == 3
    assert receipt["left_out"] == [{"number": number, "reason": "disputed"} for number in disputed]
    assert (await read_public(market, raffle, "entries"))["numbers"] == [[1, 1], [6, 7]]
    set_clock(market, hours=2)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "drawn"
    proof = await read_public(market, raffle, "proof")
    drawn = [winner["number"] for winner in proof["outcome"]["winners"] + proof["outcome"]["reserves"]]
    assert set(drawn) in ({1, 6}, {1, 7})
    assert verify_draw.verify(json.dumps(proof).encode()) == 0
    assert await market.find_violations() == []


async def test_a_raffle_of_which_all_tickets_are_disputed_is_cancelled(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2, token="tok_dispute")
    await dispute(market)
    assert (await lock_raffle(market, raffle))["status"] == "cancelled"


async def test_a_prize_of_a_ticket_disputed_after_the_lock_is_not_given_out_and_passes_on(market: Market) -> None:
    raffle = await publish_raffle(market, prizes=[{"name": "Chair"}], reserve_winners=1)
    people = {1: market.buyer, 2: customers(market, 1)[0]}
    for person in people.values():
        await buy_tickets(person, raffle, 1, token="tok_dispute")
    await lock_raffle(market, raffle)
    assert (await read_public(market, raffle, "receipt"))["left_out"] == []
    set_clock(market, hours=2)
    await market.draw()
    await dispute(market)
    before = await current_winner(market, raffle)
    winner = market.person_as(people[before].principal)
    expect_error(await winner.post(f"/raffles/{raffle['id']}/claims", {"prize": 1}), 409, "raffles.payment_disputed")
    set_clock(market, days=15)
    await market.draw()
    assert await current_winner(market, raffle) != before
    assert await market.find_violations() == []
