"""A ticket is passed over by two people or not at all: the proof says so, or, once it has won, the winners do."""

import asyncio
from typing import Any

import httpx2
import pytest

from luxewin.kit.access import Role
from tests.workflows.market import ADDRESS, Market, Person
from tests.workflows.raffles.fair import at, bought, drafted, drawn, locked, numbers, published, read, refused, told
from tests.workflows.raffles.test_claims import chair, claim, shelf, winner_of, winners, won
from tests.workflows.raffles.test_drawing import must_verify

WHY = {"reason": "staff", "note": "an account of our warehouse"}


@pytest.fixture
def another(market: Market) -> Person:
    """Another one of the staff."""
    return market.person(Role.ADMIN)


async def propose(person: Person, raffle: dict[str, Any], number: int, **more: Any) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/skips", {"number": number, **WHY, **more})


async def confirm(person: Person, raffle: dict[str, Any], number: int) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/skips/{number}/confirm")


async def test_a_ticket_that_two_people_skip_before_the_round_is_passed_over_and_the_proof_says_why(
    market: Market, another: Person
) -> None:
    raffle = await published(market, reserve_winners=3)
    tickets = [numbers(await bought(market.person(Role.CUSTOMER), raffle))[0] for _ in range(5)]
    told(await propose(market.staff, raffle, tickets[0]), 201)
    assert told(await confirm(another, raffle, tickets[0]), 200)["confirmed_by"] == str(another.principal.user_id)
    await locked(market, raffle)
    told(await propose(another, raffle, tickets[1], reason="underage"), 201)
    told(await confirm(market.staff, raffle, tickets[1]), 200)
    told(await propose(another, raffle, tickets[2], reason="fraud"), 201)
    await drawn(market, raffle)
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    skips = {skip["number"]: (skip["reason"], skip["approvals"]) for skip in proof["outcome"]["skips"]}
    assert skips == {tickets[0]: ("staff", 2), tickets[1]: ("underage", 2)}
    assert {number for _, number, _ in await winners(market, raffle)} == set(tickets[2:])
    assert proof["receipt"]["entries"] == 5
    assert WHY["note"] not in str(proof)


async def test_one_person_alone_skips_nothing(market: Market, another: Person) -> None:
    raffle = await published(market)
    (ticket,) = numbers(await bought(market.buyer, raffle))
    refused(await confirm(market.staff, raffle, ticket), 404, "request.not_found")
    told(await propose(market.staff, raffle, ticket), 201)
    refused(await propose(another, raffle, ticket), 409, "raffles.skip_decided")
    refused(await confirm(market.staff, raffle, ticket), 403, "raffles.two_people_needed")
    for nobody in (market.buyer, market.person(Role.VENDOR)):
        refused(await propose(nobody, raffle, ticket), 403, "identity.forbidden")
        refused(await confirm(nobody, raffle, ticket), 403, "identity.forbidden")
    (listed,) = told(await market.staff.ask("GET", f"/raffles/{raffle['id']}/skips"), 200)["data"]
    assert (listed["note"], listed["confirmed_by"]) == (WHY["note"], None)
    told(await confirm(another, raffle, ticket), 200)
    refused(await confirm(market.person(Role.ADMIN), raffle, ticket), 409, "raffles.skip_decided")


async def test_two_who_confirm_at_once_confirm_once(market: Market, another: Person) -> None:
    raffle = await published(market)
    (ticket,) = numbers(await bought(market.buyer, raffle))
    told(await propose(market.staff, raffle, ticket), 201)
    people = [another, *(market.person(Role.ADMIN) for _ in range(5))]
    answers = await asyncio.gather(*(confirm(person, raffle, ticket) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]


async def test_a_winner_whom_two_people_refuse_makes_room_for_the_next_in_reserve(
    market: Market, another: Person
) -> None:
    raffle, holders = await won(market)
    (_, first, _), _, (_, reserve, _) = await winners(market, raffle)
    told(await claim(holders[first], raffle), 201)
    told(await propose(market.staff, raffle, first, reason="fraud"), 201)
    assert await winner_of(market, raffle) == first
    told(await confirm(another, raffle, first), 200)
    shown = {one["number"]: one for one in (await read(market, raffle, "winners"))["data"]}
    assert shown[first]["refusal"] == {"reason": "fraud", "approvals": 2}
    assert (shown[reserve]["prize"], shown[reserve]["status"]) == (1, "winner")
    refused(await claim(holders[first], raffle), 409, "raffles.claim_over")
    must_verify(await read(market, raffle, "proof"))


async def test_a_reserve_whom_two_people_refuse_is_never_called(market: Market, another: Person) -> None:
    raffle, holders = await won(market)
    (_, first, _), _, (_, reserve, _) = await winners(market, raffle)
    told(await propose(market.staff, raffle, reserve), 201)
    told(await confirm(another, raffle, reserve), 200)
    told(await holders[first].post(f"/raffles/{raffle['id']}/claims/1/decline"), 200)
    assert [status for _, _, status in await winners(market, raffle)] == ["declined", "winner", "refused"]


async def test_what_is_on_its_way_is_not_taken_back(market: Market, another: Person) -> None:
    variant_id = await market.goods(stock=1)
    raffle, holders = await won(market, prizes=chair(variant_id), reserve_winners=0)
    first = await winner_of(market, raffle)
    told(await claim(holders[first], raffle, shipping_address=ADDRESS), 201)
    others = [number for number in holders if number != first]
    for number in (first, others[0]):
        told(await propose(market.staff, raffle, number), 201)
        refused(await confirm(another, raffle, number), 409, "raffles.claim_over")
    assert await shelf(market, variant_id) == (0, 0)


async def test_nobody_is_skipped_while_the_round_is_known_and_the_winners_are_not(
    market: Market, another: Person
) -> None:
    raffle = await published(market)
    (ticket,) = numbers(await bought(market.buyer, raffle))
    told(await propose(market.staff, raffle, ticket), 201)
    await locked(market, raffle)
    at(market, hours=2)
    refused(await propose(market.known_as(market.staff.principal), raffle, ticket), 409, "raffles.state_forbids")
    refused(await confirm(market.known_as(another.principal), raffle, ticket), 409, "raffles.state_forbids")
    await market.draw()
    assert await winner_of(market, raffle) == ticket


async def test_only_what_was_entered_can_be_skipped(market: Market, other_market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle)
    refused(await propose(market.staff, raffle, 2), 404, "request.not_found")
    refused(await propose(other_market.staff, raffle, 1), 404, "request.not_found")
    draft = await drafted(market)
    refused(await propose(market.staff, draft, 1), 409, "raffles.state_forbids")
