"""A free entry by post is a ticket like any paid one."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.ids import new_id
from luxewin.modules.identity.public import Role
from tests.workflows.market import Market
from tests.workflows.raffles.scenario import (
    buy_tickets,
    create_account,
    customers,
    draw_raffle,
    expect,
    expect_error,
    publish_raffle,
    read_public,
    ticket_counts,
)
from tests.workflows.raffles.test_drawing import must_verify


async def enter(market: Market, raffle: dict[str, Any], entrant_id: UUID | None, quantity: int = 1) -> httpx2.Response:
    body = {"entrant_id": str(entrant_id), "quantity": quantity, "reference": "post/7"}
    return await market.staff.post(f"/raffles/{raffle['id']}/free-entries", body)


async def test_free_entries_are_numbered_and_drawn_beside_paid_ones(market: Market) -> None:
    raffle = await publish_raffle(market, free_entry=True, skill_question={"question": "?", "answer": "42"})
    ada = await create_account(market, "ada@example.com")
    await buy_tickets(market.buyer, raffle, 2, skill_answer="42")
    entry = expect(await enter(market, raffle, ada.user_id, 2), 201)
    await buy_tickets(market.buyer, raffle, 1, skill_answer="42")
    assert (entry["numbers"], await ticket_counts(market, raffle)) == ([3, 4], (5, 0, 0))
    own = expect(await market.person_as(ada).request("GET", f"/raffles/{raffle['id']}/tickets"), 200)["data"]
    assert [ticket["number"] for ticket in own] == [3, 4]
    assert (await market.gateway_totals()).held_minor == 3 * 500
    await draw_raffle(market, raffle)
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    assert (proof["rules"][0]["free_entry"], proof["receipt"]["entries"]) == (True, 5)


async def test_free_entries_count_towards_limit_and_capacity(market: Market) -> None:
    raffle = await publish_raffle(market, free_entry=True)
    ada = await create_account(market, "ada@example.com")
    expect(await enter(market, raffle, ada.user_id, 3), 201)
    expect_error(await enter(market, raffle, ada.user_id, 2), 409, "raffles.limit_reached")
    for person in customers(market, 2):
        await buy_tickets(person, raffle, 3)
    byron = await create_account(market, "byron@example.com")
    expect_error(await enter(market, raffle, byron.user_id, 2), 409, "raffles.sold_out")


async def test_free_entries_need_an_eligible_entrant_and_rules_that_offer_them(market: Market) -> None:
    ada = await create_account(market, "ada@example.com")
    expect_error(await enter(market, await publish_raffle(market), ada.user_id), 409, "raffles.no_free_entry")
    raffle = await publish_raffle(market, free_entry=True, minimum_age=18)
    expect_error(await enter(market, raffle, ada.user_id), 403, "raffles.not_eligible")
    expect_error(await enter(market, raffle, new_id()), 400, "raffles.entrant_unknown")
    expect(await market.person_as(ada).request("PUT", "/play", {"born_on": "1990-12-10"}), 200)
    expect(await enter(market, raffle, ada.user_id), 201)
    expect(await market.person_as(ada).post("/play/exclusions", {"kind": "cool_off", "days": 3}), 201)
    expect_error(await enter(market, raffle, ada.user_id), 403, "raffles.excluded")


async def test_staff_cannot_enter_by_post(market: Market) -> None:
    raffle = await publish_raffle(market, free_entry=True)
    ada = await create_account(market, "ada@example.com", role=Role.ADMIN)
    expect_error(await enter(market, raffle, ada.user_id), 403, "raffles.staff_excluded")
    assert await ticket_counts(market, raffle) == (0, 0, 0)


async def test_a_cancelled_raffle_voids_free_entries_without_a_refund(market: Market) -> None:
    raffle = await publish_raffle(market, free_entry=True)
    ada = await create_account(market, "ada@example.com")
    expect(await enter(market, raffle, ada.user_id, 2), 201)
    expect(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "the prize broke"}), 200)
    await market.draw()
    assert await ticket_counts(market, raffle) == (2, 0, 2)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.VENDOR])
async def test_only_staff_records_free_entries(market: Market, role: Role) -> None:
    raffle = await publish_raffle(market, free_entry=True)
    body = {"entrant_id": str(new_id()), "quantity": 1, "reference": "post/7"}
    answer = await market.person(role).post(f"/raffles/{raffle['id']}/free-entries", body)
    expect_error(answer, 403, "identity.forbidden")
