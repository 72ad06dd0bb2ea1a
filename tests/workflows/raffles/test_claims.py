"""A prize is claimed once and in time by its winner; otherwise it is passed on until no reserve is left."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from luxewin.modules.identity.public import Role
from tests.workflows.market import ADDRESS, Market, Person
from tests.workflows.mortality import Killed
from tests.workflows.raffles.scenario import (
    buy_tickets,
    draft_raffle,
    draw_raffle,
    expect,
    expect_error,
    publish_raffle,
    raffle_terms,
    read_public,
    read_raffle,
    set_clock,
)

DRAWN = timedelta(hours=2)
DEADLINE = DRAWN + timedelta(days=14)


async def draw_with_winners(market: Market, people: int = 3, **terms: Any) -> tuple[dict[str, Any], dict[int, Person]]:
    """Sell one ticket each to some people, and draw; return the raffle, and the person by ticket number."""
    raffle = await publish_raffle(market, **terms)
    holders = {}
    for _ in range(people):
        person = market.person(Role.CUSTOMER)
        (ticket,) = (await buy_tickets(person, raffle))["tickets"]
        holders[ticket["number"]] = person
    assert (await draw_raffle(market, raffle))["status"] == "drawn"
    return raffle, holders


async def drawn_tickets(market: Market, raffle: dict[str, Any]) -> list[tuple[int | None, int, str]]:
    """Return the prize, number and status of each drawn ticket, in the order of the draw."""
    found = (await read_public(market, raffle, "winners"))["data"]
    return [(one["prize"], one["number"], one["status"]) for one in found]


async def current_winner(market: Market, raffle: dict[str, Any], prize: int = 1) -> int:
    """Return the number of the ticket that has a prize now."""
    current = {"winner", "claimed", "handed_over"}
    (number,) = [
        number for at, number, status in await drawn_tickets(market, raffle) if at == prize and status in current
    ]
    return number


async def claim(person: Person, raffle: dict[str, Any], prize: int = 1, **more: Any) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/claims", {"prize": prize, **more})


def at_current_clock(market: Market, person: Person) -> Person:
    """Return a client of the same person that uses the tenant's current clock."""
    return market.person_as(person.principal)


async def stock_level(market: Market, variant_id: Any) -> tuple[int, int]:
    """Return the units of a variant on hand and reserved."""
    ((on_hand, reserved),) = await market.rows(
        "SELECT on_hand, reserved FROM inventory_stock WHERE tenant_id = $1 AND variant_id = $2", variant_id
    )
    return on_hand, reserved


def chair_prize(variant_id: Any, *others: str) -> list[dict[str, Any]]:
    return [{"name": "Chair", "variant_id": str(variant_id)}, *({"name": name} for name in others)]


async def test_a_prize_that_is_a_variant_is_held_and_shipped_to_the_winner(market: Market) -> None:
    variant_id = await market.create_variant(stock=1)
    raffle, holders = await draw_with_winners(market, prizes=chair_prize(variant_id))
    assert await stock_level(market, variant_id) == (1, 1)
    winner = holders[await current_winner(market, raffle)]
    expect_error(await claim(winner, raffle), 400, "raffles.address_required")
    claimed = expect(await claim(winner, raffle, shipping_address=ADDRESS), 201)
    assert (claimed["status"], claimed["is_shipped"]) == ("claimed", True)
    assert await stock_level(market, variant_id) == (0, 0)
    order = await winner.read_order(claimed["order_id"])
    assert (order["status"], order["totals"]["total"]["amount"]) == ("paid", 0)
    assert [(item["kind"], item["quantity"]) for item in order["items"]] == [("goods", 1)]
    assert order["shipping_address"]["city"] == "London"
    assert (await read_raffle(market, raffle))["status"] == "drawn"
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "settled"


async def test_a_prize_that_is_not_shipped_is_handed_over_by_staff(market: Market) -> None:
    raffle, holders = await draw_with_winners(market, prizes=[{"name": "A journey"}], reserve_winners=0)
    path = f"/raffles/{raffle['id']}/claims"
    handed = {"note": "picked up, passport seen"}
    expect_error(await market.staff.post(f"{path}/1/hand-over", handed), 409, "raffles.claim_over")
    winner = holders[await current_winner(market, raffle)]
    claimed = expect(await claim(winner, raffle), 201)
    assert (claimed["status"], claimed["order_id"]) == ("claimed", None)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "drawn"
    expect_error(await winner.post(f"{path}/1/hand-over", handed), 403, "identity.forbidden")
    assert expect(await market.staff.post(f"{path}/1/hand-over", handed), 200)["status"] == "handed_over"
    expect_error(await market.staff.post(f"{path}/1/hand-over", handed), 409, "raffles.claim_over")
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "settled"
    expect_error(await claim(winner, raffle), 409, "raffles.prize_claimed")


async def test_a_prize_no_longer_for_sale_is_handed_over_and_consumed(market: Market) -> None:
    variant_id = await market.create_variant(stock=2)
    raffle, holders = await draw_with_winners(market, prizes=chair_prize(variant_id))
    await market.as_owner("UPDATE catalog_products SET status = 'draft' WHERE tenant_id = $1", market.tenant.id)
    winner = holders[await current_winner(market, raffle)]
    assert expect(await claim(winner, raffle, shipping_address=ADDRESS), 201)["order_id"] is None
    assert await stock_level(market, variant_id) == (2, 1)
    path = f"/raffles/{raffle['id']}/claims/1/hand-over"
    expect(await market.staff.post(path, {"note": "by hand"}), 200)
    assert await stock_level(market, variant_id) == (1, 0)


async def test_winners_see_their_own_prizes_and_staff_see_all(market: Market) -> None:
    raffle, holders = await draw_with_winners(market)
    path = f"/raffles/{raffle['id']}/claims"
    for number, person in holders.items():
        mine = expect(await person.request("GET", path), 200)["data"]
        drawn_now = await drawn_tickets(market, raffle)
        assert [one["number"] for one in mine] == [held for prize, held, _ in drawn_now if prize and held == number]
    assert [one["prize"] for one in expect(await market.staff.request("GET", path), 200)["data"]] == [1, 2]


async def test_another_persons_prize_is_not_found(market: Market, other_market: Market) -> None:
    raffle, holders = await draw_with_winners(market)
    number = await current_winner(market, raffle)
    others = [person for held, person in holders.items() if held != number]
    nowhere = expect(await claim(others[0], {"id": "0199a1b2-7c00-7000-8000-00000000dead"}), 404)
    for stranger in (*others, market.buyer, market.staff, other_market.buyer, other_market.staff):
        problem = expect_error(await claim(stranger, raffle), 404, "request.not_found")
        assert {**problem, "request_id": ""} == {**nowhere, "request_id": ""}
        expect_error(await stranger.post(f"/raffles/{raffle['id']}/claims/1/decline"), 404, "request.not_found")
    expect_error(await claim(market.guest(), raffle), 401, "identity.unauthenticated")
    expect_error(await claim(holders[number], raffle, prize=9), 404, "request.not_found")
    assert (await drawn_tickets(market, raffle))[0] == (1, number, "winner")


async def test_nothing_is_claimed_before_the_draw(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle)
    expect_error(await claim(market.buyer, raffle), 409, "raffles.not_drawn")


async def test_after_the_deadline_a_prize_is_passed_on_with_a_new_deadline(market: Market) -> None:
    raffle, holders = await draw_with_winners(market)
    (_, first, _), (_, second, _), (_, reserve, _) = await drawn_tickets(market, raffle)
    expect(await claim(holders[second], raffle, prize=2), 201)
    set_clock_ahead(market, DEADLINE - timedelta(minutes=5))
    await market.draw()
    assert await current_winner(market, raffle) == first
    set_clock_ahead(market, DEADLINE + timedelta(minutes=5))
    expect_error(await claim(at_current_clock(market, holders[first]), raffle), 409, "raffles.claim_over")
    await market.draw()
    assert await drawn_tickets(market, raffle) == [
        (1, first, "unclaimed"),
        (2, second, "claimed"),
        (1, reserve, "winner"),
    ]
    expect_error(await claim(holders[first], raffle), 409, "raffles.claim_over")
    set_clock_ahead(market, DEADLINE + timedelta(days=13))
    expect(await claim(at_current_clock(market, holders[reserve]), raffle), 201)


async def test_the_chain_of_reserves_ends_and_the_prize_can_be_sold_again(market: Market) -> None:
    variant_id = await market.create_variant(stock=1)
    raffle, _ = await draw_with_winners(market, people=4, prizes=chair_prize(variant_id), reserve_winners=2)
    for passed in range(1, 4):
        assert await stock_level(market, variant_id) == (1, 1)
        set_clock_ahead(market, DRAWN + passed * timedelta(days=14, minutes=5))
        await market.draw()
        assert [status for _, _, status in await drawn_tickets(market, raffle)].count("unclaimed") == passed
    assert (await read_raffle(market, raffle))["status"] == "settled"
    assert await stock_level(market, variant_id) == (1, 0)


async def test_a_declined_prize_is_passed_on_at_once(market: Market) -> None:
    raffle, holders = await draw_with_winners(market)
    (_, first, _), _, (_, reserve, _) = await drawn_tickets(market, raffle)
    path = f"/raffles/{raffle['id']}/claims/1/decline"
    assert expect(await holders[first].post(path), 200)["status"] == "declined"
    assert await current_winner(market, raffle) == reserve
    expect_error(await holders[first].post(path), 409, "raffles.claim_over")
    expect_error(await claim(holders[first], raffle), 409, "raffles.claim_over")
    expect(await claim(holders[reserve], raffle), 201)
    expect_error(await holders[reserve].post(path), 409, "raffles.prize_claimed")


async def test_a_prize_claimed_concurrently_is_claimed_and_shipped_once(market: Market) -> None:
    variant_id = await market.create_variant(stock=5)
    raffle, holders = await draw_with_winners(market, prizes=chair_prize(variant_id))
    winner = holders[await current_winner(market, raffle)]
    answers = await asyncio.gather(*(claim(winner, raffle, shipping_address=ADDRESS) for _ in range(12)))
    assert sorted({answer.status_code for answer in answers}) == [201, 409]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert await stock_level(market, variant_id) == (4, 0)
    ((orders,),) = await market.rows(
        "SELECT count(*) FROM orders_lines WHERE tenant_id = $1 AND variant_id = $2", variant_id
    )
    assert orders == 1


@pytest.mark.parametrize("rounds", range(5))
async def test_a_claim_at_its_deadline_leaves_one_winner(market: Market, rounds: int) -> None:
    variant_id = await market.create_variant(stock=3)
    raffle, holders = await draw_with_winners(market, prizes=chair_prize(variant_id))
    first = await current_winner(market, raffle)
    overdue = "UPDATE raffles_winners SET claim_by = now() + $2::interval WHERE tenant_id = $1 AND status = 'winner'"
    await market.as_owner(overdue, market.tenant.id, DRAWN + timedelta(milliseconds=40 + 30 * rounds))
    claims = [claim(holders[first], raffle, shipping_address=ADDRESS) for _ in range(4)]
    drawing = [asyncio.create_task(market.draw()) for _ in range(4)]
    answers = await asyncio.gather(*claims)
    await asyncio.gather(*drawing)
    kept = any(answer.status_code == 201 for answer in answers)
    while not kept and await current_winner(market, raffle) == first:
        await market.draw()
    statuses = {number: status for _, number, status in await drawn_tickets(market, raffle)}
    assert statuses[first] == ("claimed" if kept else "unclaimed")
    assert await stock_level(market, variant_id) == ((2, 0) if kept else (3, 1))


async def test_a_claim_repeated_with_its_key_returns_the_first_response(market: Market) -> None:
    variant_id = await market.create_variant(stock=5)
    raffle, holders = await draw_with_winners(market, prizes=chair_prize(variant_id))
    winner = holders[await current_winner(market, raffle)]
    body = {"prize": 1, "shipping_address": ADDRESS}
    first, second = [await winner.post(f"/raffles/{raffle['id']}/claims", body, key="mine") for _ in range(2)]
    assert expect(first, 201) == expect(second, 201)
    dry_run = await winner.request("POST", f"/raffles/{raffle['id']}/claims", body, dry_run=True)
    expect_error(dry_run, 409, "raffles.prize_claimed")


STEPS_TO_SETTLE = 6


async def test_passing_on_has_the_expected_crash_points(market: Market) -> None:
    await draw_with_winners(market, people=4, reserve_winners=2)
    set_clock_ahead(market, DEADLINE + timedelta(minutes=5))
    market.process.restart()
    await market.draw()
    assert market.process.steps == ["commit"] * STEPS_TO_SETTLE


@pytest.mark.parametrize("after", range(1, STEPS_TO_SETTLE + 1))
async def test_interrupted_at_any_step_each_prize_is_passed_on_once(market: Market, after: int) -> None:
    raffle, _ = await draw_with_winners(market, people=4, reserve_winners=2)
    before = await drawn_tickets(market, raffle)
    set_clock_ahead(market, DEADLINE + timedelta(minutes=5))
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await market.draw()
    market.process.restart()
    await market.draw()
    (_, first, _), (_, second, _), (_, third, _), (_, fourth, _) = before
    assert await drawn_tickets(market, raffle) == [
        (1, first, "unclaimed"),
        (2, second, "unclaimed"),
        (1, third, "winner"),
        (2, fourth, "winner"),
    ]


async def test_a_claim_interrupted_at_its_commit_is_claimed_once(market: Market) -> None:
    variant_id = await market.create_variant(stock=5)
    raffle, holders = await draw_with_winners(market, prizes=chair_prize(variant_id))
    winner = holders[await current_winner(market, raffle)]
    body = {"prize": 1, "shipping_address": ADDRESS}
    market.process.crash_after(1)
    with pytest.raises(Killed):
        await winner.post(f"/raffles/{raffle['id']}/claims", body, key="mine")
    market.process.restart()
    assert expect(await winner.post(f"/raffles/{raffle['id']}/claims", body, key="mine"), 201)["status"] == "claimed"
    assert await stock_level(market, variant_id) == (4, 0)


async def test_a_prize_that_is_not_available_is_not_published(market: Market) -> None:
    body = raffle_terms(prizes=chair_prize("0199a1b2-7c00-7000-8000-00000000dead"))
    problem = expect_error(await market.staff.post("/raffles", body), 400, "raffles.prize_unavailable")
    assert problem["errors"][0]["pointer"] == "/prizes/0/variant_id"
    variant_id = await market.create_variant(stock=1)
    draft = await draft_raffle(market, prizes=[*chair_prize(variant_id), *chair_prize(variant_id)])
    expect_error(await market.staff.post(f"/raffles/{draft['id']}/publish"), 409, "inventory.sold_out")
    assert await stock_level(market, variant_id) == (1, 0)


async def test_a_cancelled_raffle_releases_its_prizes(market: Market) -> None:
    variant_id = await market.create_variant(stock=2)
    raffle = await publish_raffle(market, prizes=[*chair_prize(variant_id), *chair_prize(variant_id)])
    assert await stock_level(market, variant_id) == (2, 2)
    expect(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "second thoughts"}), 200)
    assert await stock_level(market, variant_id) == (2, 0)


def set_clock_ahead(market: Market, ahead: timedelta) -> None:
    """Set the tenant's clock ahead of the real time."""
    set_clock(market, seconds=ahead.total_seconds())
