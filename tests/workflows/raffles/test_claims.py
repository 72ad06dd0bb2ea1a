"""A prize is claimed in time by who won it, once; otherwise it is passed on, until nobody is left."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from luxewin.kit.access import Role
from tests.workflows.market import ADDRESS, Market, Person
from tests.workflows.mortality import Killed
from tests.workflows.raffles.fair import at, bought, drafted, drawn, published, read, refused, seen, terms, told

DRAWN = timedelta(hours=2)
DEADLINE = DRAWN + timedelta(days=14)


async def won(market: Market, people: int = 3, **terms: Any) -> tuple[dict[str, Any], dict[int, Person]]:
    """Let people buy a ticket each and draw; return the raffle, and who holds which number."""
    raffle = await published(market, **terms)
    holders = {}
    for _ in range(people):
        person = market.person(Role.CUSTOMER)
        (ticket,) = (await bought(person, raffle))["tickets"]
        holders[ticket["number"]] = person
    assert (await drawn(market, raffle))["status"] == "drawn"
    return raffle, holders


async def winners(market: Market, raffle: dict[str, Any]) -> list[tuple[int | None, int, str]]:
    """Return prize, number and status of each drawn ticket, in order."""
    found = (await read(market, raffle, "winners"))["data"]
    return [(one["prize"], one["number"], one["status"]) for one in found]


async def winner_of(market: Market, raffle: dict[str, Any], prize: int = 1) -> int:
    """Return the ticket that has a prize now."""
    current = {"winner", "claimed", "handed_over"}
    (number,) = [number for at, number, status in await winners(market, raffle) if at == prize and status in current]
    return number


async def claim(person: Person, raffle: dict[str, Any], prize: int = 1, **more: Any) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/claims", {"prize": prize, **more})


def later(market: Market, person: Person) -> Person:
    """Return somebody by the clock that the tenant has now."""
    return market.known_as(person.principal)


async def shelf(market: Market, variant_id: Any) -> tuple[int, int]:
    """Return what is on hand of a variant, and what is held of it."""
    ((on_hand, reserved),) = await market.rows(
        "SELECT on_hand, reserved FROM inventory_stock WHERE tenant_id = $1 AND variant_id = $2", variant_id
    )
    return on_hand, reserved


def chair(variant_id: Any, *others: str) -> list[dict[str, Any]]:
    return [{"name": "Chair", "variant_id": str(variant_id)}, *({"name": name} for name in others)]


async def test_a_prize_of_the_catalogue_is_held_from_the_publication_and_sent_to_who_claims_it(market: Market) -> None:
    variant_id = await market.goods(stock=1)
    raffle, holders = await won(market, prizes=chair(variant_id))
    assert await shelf(market, variant_id) == (1, 1)
    winner = holders[await winner_of(market, raffle)]
    refused(await claim(winner, raffle), 400, "raffles.address_required")
    claimed = told(await claim(winner, raffle, shipping_address=ADDRESS), 201)
    assert (claimed["status"], claimed["is_shipped"]) == ("claimed", True)
    assert await shelf(market, variant_id) == (0, 0)
    order = await winner.seen(claimed["order_id"])
    assert (order["status"], order["totals"]["total"]["amount"]) == ("paid", 0)
    assert [(item["kind"], item["quantity"]) for item in order["items"]] == [("goods", 1)]
    assert order["shipping_address"]["city"] == "London"
    assert (await seen(market, raffle))["status"] == "drawn"
    await market.draw()
    assert (await seen(market, raffle))["status"] == "settled"


async def test_a_prize_that_nobody_sends_is_handed_over_by_staff(market: Market) -> None:
    raffle, holders = await won(market, prizes=[{"name": "A journey"}], reserve_winners=0)
    path = f"/raffles/{raffle['id']}/claims"
    handed = {"note": "picked up, passport seen"}
    refused(await market.staff.post(f"{path}/1/hand-over", handed), 409, "raffles.claim_over")
    winner = holders[await winner_of(market, raffle)]
    claimed = told(await claim(winner, raffle), 201)
    assert (claimed["status"], claimed["order_id"]) == ("claimed", None)
    await market.draw()
    assert (await seen(market, raffle))["status"] == "drawn"
    refused(await winner.post(f"{path}/1/hand-over", handed), 403, "identity.forbidden")
    assert told(await market.staff.post(f"{path}/1/hand-over", handed), 200)["status"] == "handed_over"
    refused(await market.staff.post(f"{path}/1/hand-over", handed), 409, "raffles.claim_over")
    await market.draw()
    assert (await seen(market, raffle))["status"] == "settled"
    refused(await claim(winner, raffle), 409, "raffles.prize_claimed")


async def test_a_piece_that_is_not_sold_any_more_is_handed_over_and_leaves_the_shelf(market: Market) -> None:
    variant_id = await market.goods(stock=2)
    raffle, holders = await won(market, prizes=chair(variant_id))
    await market.as_owner("UPDATE catalog_products SET status = 'draft' WHERE tenant_id = $1", market.tenant.id)
    winner = holders[await winner_of(market, raffle)]
    assert told(await claim(winner, raffle, shipping_address=ADDRESS), 201)["order_id"] is None
    assert await shelf(market, variant_id) == (2, 1)
    path = f"/raffles/{raffle['id']}/claims/1/hand-over"
    told(await market.staff.post(path, {"note": "by hand"}), 200)
    assert await shelf(market, variant_id) == (1, 0)


async def test_winners_see_their_own_prizes_and_staff_all(market: Market) -> None:
    raffle, holders = await won(market)
    path = f"/raffles/{raffle['id']}/claims"
    for number, person in holders.items():
        mine = told(await person.ask("GET", path), 200)["data"]
        drawn_now = await winners(market, raffle)
        assert [one["number"] for one in mine] == [held for prize, held, _ in drawn_now if prize and held == number]
    assert [one["prize"] for one in told(await market.staff.ask("GET", path), 200)["data"]] == [1, 2]


async def test_anothers_prize_is_not_there(market: Market, other_market: Market) -> None:
    raffle, holders = await won(market)
    number = await winner_of(market, raffle)
    others = [person for held, person in holders.items() if held != number]
    nowhere = told(await claim(others[0], {"id": "0199a1b2-7c00-7000-8000-00000000dead"}), 404)
    for stranger in (*others, market.buyer, market.staff, other_market.buyer, other_market.staff):
        problem = refused(await claim(stranger, raffle), 404, "request.not_found")
        assert {**problem, "request_id": ""} == {**nowhere, "request_id": ""}
        refused(await stranger.post(f"/raffles/{raffle['id']}/claims/1/decline"), 404, "request.not_found")
    refused(await claim(market.guest(), raffle), 401, "identity.unauthenticated")
    refused(await claim(holders[number], raffle, prize=9), 404, "request.not_found")
    assert (await winners(market, raffle))[0] == (1, number, "winner")


async def test_nothing_is_claimed_before_the_draw(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle)
    refused(await claim(market.buyer, raffle), 409, "raffles.not_drawn")


async def test_after_the_deadline_a_prize_goes_to_the_next_in_reserve_with_a_time_of_their_own(market: Market) -> None:
    raffle, holders = await won(market)
    (_, first, _), (_, second, _), (_, reserve, _) = await winners(market, raffle)
    told(await claim(holders[second], raffle, prize=2), 201)
    market_at(market, DEADLINE - timedelta(minutes=5))
    await market.draw()
    assert await winner_of(market, raffle) == first
    market_at(market, DEADLINE + timedelta(minutes=5))
    refused(await claim(later(market, holders[first]), raffle), 409, "raffles.claim_over")
    await market.draw()
    assert await winners(market, raffle) == [(1, first, "unclaimed"), (2, second, "claimed"), (1, reserve, "winner")]
    refused(await claim(holders[first], raffle), 409, "raffles.claim_over")
    market_at(market, DEADLINE + timedelta(days=13))
    told(await claim(later(market, holders[reserve]), raffle), 201)


async def test_the_chain_of_reserves_ends_and_the_prize_can_be_sold_again(market: Market) -> None:
    variant_id = await market.goods(stock=1)
    raffle, _ = await won(market, people=4, prizes=chair(variant_id), reserve_winners=2)
    for passed in range(1, 4):
        assert await shelf(market, variant_id) == (1, 1)
        market_at(market, DRAWN + passed * timedelta(days=14, minutes=5))
        await market.draw()
        assert [status for _, _, status in await winners(market, raffle)].count("unclaimed") == passed
    assert (await seen(market, raffle))["status"] == "settled"
    assert await shelf(market, variant_id) == (1, 0)


async def test_a_prize_that_its_winner_declines_is_passed_on_at_once(market: Market) -> None:
    raffle, holders = await won(market)
    (_, first, _), _, (_, reserve, _) = await winners(market, raffle)
    path = f"/raffles/{raffle['id']}/claims/1/decline"
    assert told(await holders[first].post(path), 200)["status"] == "declined"
    assert await winner_of(market, raffle) == reserve
    refused(await holders[first].post(path), 409, "raffles.claim_over")
    refused(await claim(holders[first], raffle), 409, "raffles.claim_over")
    told(await claim(holders[reserve], raffle), 201)
    refused(await holders[reserve].post(path), 409, "raffles.prize_claimed")


async def test_a_prize_claimed_many_times_at_once_is_claimed_and_sent_once(market: Market) -> None:
    variant_id = await market.goods(stock=5)
    raffle, holders = await won(market, prizes=chair(variant_id))
    winner = holders[await winner_of(market, raffle)]
    answers = await asyncio.gather(*(claim(winner, raffle, shipping_address=ADDRESS) for _ in range(12)))
    assert sorted({answer.status_code for answer in answers}) == [201, 409]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert await shelf(market, variant_id) == (4, 0)
    ((orders,),) = await market.rows(
        "SELECT count(*) FROM orders_lines WHERE tenant_id = $1 AND variant_id = $2", variant_id
    )
    assert orders == 1


@pytest.mark.parametrize("rounds", range(5))
async def test_a_claim_and_the_end_of_its_time_at_once_leave_one_winner(market: Market, rounds: int) -> None:
    variant_id = await market.goods(stock=3)
    raffle, holders = await won(market, prizes=chair(variant_id))
    first = await winner_of(market, raffle)
    overdue = "UPDATE raffles_winners SET claim_by = now() + $2::interval WHERE tenant_id = $1 AND status = 'winner'"
    await market.as_owner(overdue, market.tenant.id, DRAWN + timedelta(milliseconds=40 + 30 * rounds))
    claims = [claim(holders[first], raffle, shipping_address=ADDRESS) for _ in range(4)]
    drawing = [asyncio.create_task(market.draw()) for _ in range(4)]
    answers = await asyncio.gather(*claims)
    await asyncio.gather(*drawing)
    kept = any(answer.status_code == 201 for answer in answers)
    while not kept and await winner_of(market, raffle) == first:
        await market.draw()
    statuses = {number: status for _, number, status in await winners(market, raffle)}
    assert statuses[first] == ("claimed" if kept else "unclaimed")
    assert await shelf(market, variant_id) == ((2, 0) if kept else (3, 1))


async def test_a_claim_that_is_repeated_with_its_key_is_answered_as_the_first(market: Market) -> None:
    variant_id = await market.goods(stock=5)
    raffle, holders = await won(market, prizes=chair(variant_id))
    winner = holders[await winner_of(market, raffle)]
    body = {"prize": 1, "shipping_address": ADDRESS}
    first, second = [await winner.post(f"/raffles/{raffle['id']}/claims", body, key="mine") for _ in range(2)]
    assert told(first, 201) == told(second, 201)
    rehearsed = await winner.ask("POST", f"/raffles/{raffle['id']}/claims", body, dry_run=True)
    refused(rehearsed, 409, "raffles.prize_claimed")


STEPS_TO_SETTLE = 6


async def test_passing_on_takes_the_steps_at_which_it_is_cut_below(market: Market) -> None:
    await won(market, people=4, reserve_winners=2)
    market_at(market, DEADLINE + timedelta(minutes=5))
    market.thread.mend()
    await market.draw()
    assert market.thread.steps == ["commit"] * STEPS_TO_SETTLE


@pytest.mark.parametrize("after", range(1, STEPS_TO_SETTLE + 1))
async def test_killed_at_any_step_each_prize_is_passed_on_once(market: Market, after: int) -> None:
    raffle, _ = await won(market, people=4, reserve_winners=2)
    before = await winners(market, raffle)
    market_at(market, DEADLINE + timedelta(minutes=5))
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await market.draw()
    market.thread.mend()
    await market.draw()
    (_, first, _), (_, second, _), (_, third, _), (_, fourth, _) = before
    assert await winners(market, raffle) == [
        (1, first, "unclaimed"),
        (2, second, "unclaimed"),
        (1, third, "winner"),
        (2, fourth, "winner"),
    ]


async def test_a_claim_whose_process_dies_with_its_commit_is_claimed_once(market: Market) -> None:
    variant_id = await market.goods(stock=5)
    raffle, holders = await won(market, prizes=chair(variant_id))
    winner = holders[await winner_of(market, raffle)]
    body = {"prize": 1, "shipping_address": ADDRESS}
    market.thread.cut_after(1)
    with pytest.raises(Killed):
        await winner.post(f"/raffles/{raffle['id']}/claims", body, key="mine")
    market.thread.mend()
    assert told(await winner.post(f"/raffles/{raffle['id']}/claims", body, key="mine"), 201)["status"] == "claimed"
    assert await shelf(market, variant_id) == (4, 0)


async def test_a_prize_that_is_not_there_is_not_promised(market: Market) -> None:
    body = terms(prizes=chair("0199a1b2-7c00-7000-8000-00000000dead"))
    problem = refused(await market.staff.post("/raffles", body), 400, "raffles.prize_unavailable")
    assert problem["errors"][0]["pointer"] == "/prizes/0/variant_id"
    variant_id = await market.goods(stock=1)
    draft = await drafted(market, prizes=[*chair(variant_id), *chair(variant_id)])
    refused(await market.staff.post(f"/raffles/{draft['id']}/publish"), 409, "inventory.sold_out")
    assert await shelf(market, variant_id) == (1, 0)


async def test_a_cancelled_raffle_gives_its_prizes_back_to_the_shelf(market: Market) -> None:
    variant_id = await market.goods(stock=2)
    raffle = await published(market, prizes=[*chair(variant_id), *chair(variant_id)])
    assert await shelf(market, variant_id) == (2, 2)
    told(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "second thoughts"}), 200)
    assert await shelf(market, variant_id) == (2, 0)


def market_at(market: Market, ahead: timedelta) -> None:
    """Let the tenant's clock run so far ahead."""
    at(market, seconds=ahead.total_seconds())
