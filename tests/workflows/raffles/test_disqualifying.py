"""A ticket is disqualified by two people: the proof contains it or, after the draw, the list of winners."""

import asyncio
from typing import Any

import httpx2
import pytest

from luxewin.modules.identity.public import Role
from tests.workflows.market import ADDRESS, Market, Person
from tests.workflows.raffles.scenario import (
    buy_tickets,
    draft_raffle,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    open_account,
    publish_raffle,
    read_public,
    set_clock,
    ticket_numbers,
)
from tests.workflows.raffles.test_claims import (
    chair_prize,
    claim,
    current_winner,
    draw_with_winners,
    drawn_tickets,
    stock_level,
)
from tests.workflows.raffles.test_drawing import must_verify

WHY = {"reason": "staff", "note": "an account of our warehouse"}


@pytest.fixture
async def another(market: Market) -> Person:
    """A second staff member, who is independent of the first."""
    person = market.person(Role.ADMIN)
    for staff in (market.staff, person):
        await open_account(market, staff)
    return person


async def propose(person: Person, raffle: dict[str, Any], number: int, **more: Any) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/skips", {"number": number, **WHY, **more})


async def confirm(person: Person, raffle: dict[str, Any], number: int) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/skips/{number}/confirm")


async def test_a_ticket_disqualified_before_the_round_is_skipped_and_the_proof_has_the_reason(
    market: Market, another: Person
) -> None:
    raffle = await publish_raffle(market, reserve_winners=3)
    tickets = [ticket_numbers(await buy_tickets(market.person(Role.CUSTOMER), raffle))[0] for _ in range(5)]
    expect(await propose(market.staff, raffle, tickets[0]), 201)
    assert expect(await confirm(another, raffle, tickets[0]), 200)["confirmed_by"] == str(another.principal.user_id)
    await lock_raffle(market, raffle)
    expect(await propose(another, raffle, tickets[1], reason="underage"), 201)
    expect(await confirm(market.staff, raffle, tickets[1]), 200)
    expect(await propose(another, raffle, tickets[2], reason="fraud"), 201)
    await draw_raffle(market, raffle)
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    skips = {skip["number"]: (skip["reason"], skip["approvals"]) for skip in proof["outcome"]["skips"]}
    assert skips == {tickets[0]: ("staff", 2), tickets[1]: ("underage", 2)}
    assert {number for _, number, _ in await drawn_tickets(market, raffle)} == set(tickets[2:])
    assert proof["receipt"]["entries"] == 5
    assert WHY["note"] not in str(proof)


async def test_one_person_alone_cannot_disqualify(market: Market, another: Person) -> None:
    raffle = await publish_raffle(market)
    (ticket,) = ticket_numbers(await buy_tickets(market.buyer, raffle))
    expect_error(await confirm(market.staff, raffle, ticket), 404, "request.not_found")
    expect(await propose(market.staff, raffle, ticket), 201)
    expect_error(await propose(another, raffle, ticket), 409, "raffles.skip_decided")
    expect_error(await confirm(market.staff, raffle, ticket), 403, "raffles.two_people_needed")
    for nobody in (market.buyer, market.person(Role.VENDOR)):
        expect_error(await propose(nobody, raffle, ticket), 403, "identity.forbidden")
        expect_error(await confirm(nobody, raffle, ticket), 403, "identity.forbidden")
    (listed,) = expect(await market.staff.request("GET", f"/raffles/{raffle['id']}/skips"), 200)["data"]
    assert (listed["note"], listed["confirmed_by"]) == (WHY["note"], None)
    expect(await confirm(another, raffle, ticket), 200)
    expect_error(await confirm(market.person(Role.ADMIN), raffle, ticket), 409, "raffles.skip_decided")


async def test_concurrent_confirmations_confirm_once(market: Market, another: Person) -> None:
    raffle = await publish_raffle(market)
    (ticket,) = ticket_numbers(await buy_tickets(market.buyer, raffle))
    expect(await propose(market.staff, raffle, ticket), 201)
    others = [market.person(Role.ADMIN) for _ in range(5)]
    for person in others:
        await open_account(market, person)
    people = [another, *others]
    answers = await asyncio.gather(*(confirm(person, raffle, ticket) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_the_prize_of_a_disqualified_winner_is_passed_on(market: Market, another: Person) -> None:
    raffle, holders = await draw_with_winners(market)
    (_, first, _), _, (_, reserve, _) = await drawn_tickets(market, raffle)
    expect(await claim(holders[first], raffle), 201)
    expect(await propose(market.staff, raffle, first, reason="fraud"), 201)
    assert await current_winner(market, raffle) == first
    expect(await confirm(another, raffle, first), 200)
    by_number = {one["number"]: one for one in (await read_public(market, raffle, "winners"))["data"]}
    assert by_number[first]["refusal"] == {"reason": "fraud", "approvals": 2}
    assert (by_number[reserve]["prize"], by_number[reserve]["status"]) == (1, "winner")
    expect_error(await claim(holders[first], raffle), 409, "raffles.claim_over")
    must_verify(await read_public(market, raffle, "proof"))


async def test_a_disqualified_reserve_gets_no_prize(market: Market, another: Person) -> None:
    raffle, holders = await draw_with_winners(market)
    (_, first, _), _, (_, reserve, _) = await drawn_tickets(market, raffle)
    expect(await propose(market.staff, raffle, reserve), 201)
    expect(await confirm(another, raffle, reserve), 200)
    expect(await holders[first].post(f"/raffles/{raffle['id']}/claims/1/decline"), 200)
    assert [status for _, _, status in await drawn_tickets(market, raffle)] == ["declined", "winner", "refused"]


async def test_a_shipped_prize_is_not_taken_back(market: Market, another: Person) -> None:
    variant_id = await market.create_variant(stock=1)
    raffle, holders = await draw_with_winners(market, prizes=chair_prize(variant_id), reserve_winners=0)
    first = await current_winner(market, raffle)
    expect(await claim(holders[first], raffle, shipping_address=ADDRESS), 201)
    others = [number for number in holders if number != first]
    for number in (first, others[0]):
        expect(await propose(market.staff, raffle, number), 201)
        expect_error(await confirm(another, raffle, number), 409, "raffles.claim_over")
    assert await stock_level(market, variant_id) == (0, 0)


async def test_no_ticket_is_disqualified_between_the_round_and_the_draw(market: Market, another: Person) -> None:
    raffle = await publish_raffle(market)
    (ticket,) = ticket_numbers(await buy_tickets(market.buyer, raffle))
    expect(await propose(market.staff, raffle, ticket), 201)
    await lock_raffle(market, raffle)
    set_clock(market, hours=2)
    expect_error(await propose(market.person_as(market.staff.principal), raffle, ticket), 409, "raffles.state_forbids")
    expect_error(await confirm(market.person_as(another.principal), raffle, ticket), 409, "raffles.state_forbids")
    await market.draw()
    assert await current_winner(market, raffle) == ticket


async def test_only_entered_tickets_can_be_disqualified(market: Market, other_market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle)
    expect_error(await propose(market.staff, raffle, 2), 404, "request.not_found")
    expect_error(await propose(other_market.staff, raffle, 1), 404, "request.not_found")
    draft = await draft_raffle(market)
    expect_error(await propose(market.staff, draft, 1), 409, "raffles.state_forbids")
