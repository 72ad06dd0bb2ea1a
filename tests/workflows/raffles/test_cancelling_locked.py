"""After the lock a raffle can be cancelled only by two people, and everybody can see who would have won."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.public import Role
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.checks import DRAWS
from tests.workflows.market import BEACONS, RAFFLE_SECRETS, Market, Person
from tests.workflows.mortality import Killed
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    buy_tickets,
    customers,
    draft_raffle,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    open_account,
    publish_raffle,
    read_public,
    read_raffle,
    set_clock,
    ticket_counts,
    ticket_numbers,
)
from tests.workflows.raffles.test_claims import chair_prize, stock_level
from tests.workflows.raffles.test_drawing import must_verify
from tests.workflows.raffles.test_pages import pages_of

REASON = "the prize was damaged"


@pytest.fixture
async def another(market: Market) -> Person:
    """A second staff member, who is independent of the first."""
    person = market.person(Role.ADMIN)
    for staff in (market.staff, person):
        await open_account(market, staff)
    return person


async def propose(person: Person, raffle: dict[str, Any]) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/cancellation", {"reason": REASON})


async def confirm(person: Person, raffle: dict[str, Any]) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/cancellation/confirm")


async def read_cancellation(person: Person, raffle: dict[str, Any]) -> httpx2.Response:
    return await person.request("GET", f"/raffles/{raffle['id']}/cancellation")


async def sell_tickets(market: Market, **more: Any) -> dict[str, Any]:
    """Sell two tickets each to three people, and lock the list."""
    raffle = await publish_raffle(market, **more)
    for person in customers(market, 3):
        await buy_tickets(person, raffle, 2)
    assert (await lock_raffle(market, raffle))["status"] == "locked"
    return raffle


async def cancelled(market: Market, another: Person, **more: Any) -> dict[str, Any]:
    """Lock a raffle, and cancel it by two people."""
    raffle = await sell_tickets(market, **more)
    expect(await propose(market.staff, raffle), 201)
    expect(await confirm(another, raffle), 200)
    return raffle


async def must_be_refunded(market: Market, raffle: dict[str, Any]) -> None:
    """Check that all three purchases were refunded once, and that no money is left."""
    await market.settle_down()
    refunds = await market.rows("SELECT status, amount_minor FROM payments_refunds WHERE tenant_id = $1")
    assert [tuple(row) for row in refunds] == [("executed", 2 * TICKET_PRICE)] * 3
    assert (await ticket_counts(market, raffle), (await market.gateway_totals()).held_minor) == ((6, 0, 6), 0)


async def test_two_people_cancel_a_locked_raffle_and_every_purchase_is_refunded(
    market: Market, another: Person
) -> None:
    raffle = await sell_tickets(market)
    proposal = expect(await propose(market.staff, raffle), 201)
    assert (proposal["approvals"], proposal["confirmed_by"]) == (1, None)
    assert (await read_raffle(market, raffle))["status"] == "locked"
    decided = expect(await confirm(another, raffle), 200)
    assert (decided["approvals"], decided["confirmed_by"]) == (2, str(another.principal.user_id))
    assert (await read_raffle(market, raffle))["status"] == "cancelled"
    await market.draw()
    await must_be_refunded(market, raffle)
    receipt = await read_public(market, raffle, "receipt")
    assert receipt["receipt"]["entries"] == 6


async def test_everybody_can_see_who_would_have_won(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    public = expect(await read_cancellation(market.guest(), raffle), 200)
    assert (public["reason"], public["approvals"], public["would_have_won"]) == (REASON, 2, None)
    assert (public["proposed_by"], public["confirmed_by"]) == (None, None)
    expect_error(await market.guest().request("GET", f"/raffles/{raffle['id']}/proof"), 409, "raffles.not_drawn")
    await draw_raffle(market, raffle)
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    expected = [{"prize": one["prize"], "number": one["number"]} for one in proof["outcome"]["winners"]]
    assert expect(await read_cancellation(market.guest(), raffle), 200)["would_have_won"] == expected
    assert len(expected) == 2
    expect_error(await market.guest().request("GET", f"/raffles/{raffle['id']}/winners"), 409, "raffles.not_drawn")
    assert (await read_raffle(market, raffle))["status"] == "cancelled"
    await must_be_refunded(market, raffle)
    assert await read_public(market, raffle, "proof") == proof


async def test_the_hypothetical_draw_respects_disqualifications(market: Market, another: Person) -> None:
    raffle = await sell_tickets(market)
    expect(
        await market.staff.post(f"/raffles/{raffle['id']}/skips", {"number": 1, "reason": "fraud", "note": "-"}), 201
    )
    expect(await another.post(f"/raffles/{raffle['id']}/skips/1/confirm"), 200)
    expect(await propose(market.staff, raffle), 201)
    expect(await confirm(another, raffle), 200)
    late = await another.post(f"/raffles/{raffle['id']}/skips", {"number": 2, "reason": "fraud", "note": "-"})
    expect_error(late, 409, "raffles.state_forbids")
    await draw_raffle(market, raffle)
    outcome = (await read_public(market, raffle, "proof"))["outcome"]
    places = {place["number"] for place in (*outcome["winners"], *outcome["reserves"])}
    assert 1 not in places
    assert 2 not in {skip["number"] for skip in outcome["skips"] if skip["reason"] == "fraud"}


async def test_one_person_alone_cannot_cancel(market: Market, another: Person) -> None:
    raffle = await sell_tickets(market)
    expect_error(await confirm(another, raffle), 404, "request.not_found")
    expect(await propose(market.staff, raffle), 201)
    expect_error(await propose(another, raffle), 409, "raffles.cancellation_decided")
    expect_error(await confirm(market.staff, raffle), 403, "raffles.two_people_needed")
    for nobody in (market.buyer, market.person(Role.VENDOR)):
        expect_error(await propose(nobody, raffle), 403, "identity.forbidden")
        expect_error(await confirm(nobody, raffle), 403, "identity.forbidden")
    expect_error(await read_cancellation(market.guest(), raffle), 404, "request.not_found")
    assert expect(await read_cancellation(another, raffle), 200)["proposed_by"] == str(market.staff.principal.user_id)
    await draw_raffle(market, raffle)
    assert (await read_raffle(market, raffle))["status"] == "drawn"
    expect_error(await confirm(another, raffle), 409, "raffles.state_forbids")


async def test_concurrent_confirmations_confirm_once(market: Market) -> None:
    raffle = await sell_tickets(market)
    expect(await propose(market.staff, raffle), 201)
    people = [market.person(Role.ADMIN) for _ in range(5)]
    for person in people:
        await open_account(market, person)
    answers = await asyncio.gather(*(confirm(person, raffle) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    expect_error(await confirm(market.person(Role.ADMIN), raffle), 409, "raffles.cancellation_decided")


async def test_nothing_is_cancelled_once_the_round_is_known(market: Market, another: Person) -> None:
    raffle = await sell_tickets(market)
    expect(await propose(market.staff, raffle), 201)
    set_clock(market, hours=2)
    expect_error(await confirm(market.person_as(another.principal), raffle), 409, "raffles.state_forbids")
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "drawn"


async def test_only_a_locked_raffle_is_cancelled_by_two_people(market: Market, other_market: Market) -> None:
    raffle = await publish_raffle(market)
    for one in (raffle, await draft_raffle(market)):
        expect_error(await propose(market.staff, one), 409, "raffles.state_forbids")
    expect_error(await propose(other_market.staff, raffle), 404, "request.not_found")
    expect_error(await read_cancellation(market.staff, raffle), 404, "request.not_found")


async def test_the_prizes_of_a_cancelled_raffle_are_released(market: Market, another: Person) -> None:
    variant_id = await market.create_variant(stock=1)
    await cancelled(market, another, prizes=chair_prize(variant_id))
    assert await stock_level(market, variant_id) == (1, 0)


async def test_the_audit_log_has_who_proposed_and_who_confirmed(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    await draw_raffle(market, raffle)
    entries = await market.rows(
        "SELECT actor, action FROM kit_audit WHERE tenant_id = $1 AND target = $2 ORDER BY id", raffle["id"]
    )
    people = {row["action"]: row["actor"] for row in entries}
    assert people["raffles.cancellation_proposed"] == f"user:{market.staff.principal.user_id}"
    assert people["raffles.cancellation_confirmed"] == f"user:{another.principal.user_id}"
    assert {"raffles.voided", "raffles.cancelled", "raffles.draw_shown"} <= people.keys()


async def test_a_hypothetical_draw_is_checked_like_any_draw(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    await draw_raffle(market, raffle)

    async def wrong() -> list[str]:
        found = await market.all_violations()
        return [
            str(one.row["raffle_id"])
            for one in found
            if one.statement == DRAWS and one.row["tenant"] == market.tenant.slug
        ]

    assert await wrong() == []
    await market.as_owner(
        "UPDATE raffles_draws SET outcome = jsonb_set(outcome::jsonb, '{winners,0,number}', '99')::text"
        " WHERE tenant_id = $1",
        market.tenant.id,
    )
    assert await wrong() == [raffle["id"]]


async def test_of_two_concurrent_workers_one_records_the_draw(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    set_clock(market, hours=2)
    raffle_id = UUID(raffle["id"])

    async def show(tx: Transaction) -> None:
        rules = await raffles.rules_of(tx, raffle_id)
        beacon = BEACONS.get(bytes.fromhex(rules["beacon"]["chain_hash"]), clock_offset=market.tenant.clock_offset)
        found = await raffles.find_raffle(tx, raffle_id)
        assert await raffles.needs_hypothetical_draw(tx, found)
        await raffles.record_hypothetical_draw(tx, found, await beacon.round(rules["round"]), secrets=RAFFLE_SECRETS)

    async def draw_twice() -> None:
        async with market.database.begin(market.tenant, SYSTEM) as slow:
            await show(slow)
            await market.database.run(market.tenant, SYSTEM, show)

    with pytest.raises(raffles.RaffleChanged):
        await draw_twice()
    must_verify(await read_public(market, raffle, "proof"))
    shows = "SELECT id FROM kit_audit WHERE tenant_id = $1 AND action = 'raffles.draw_shown'"
    assert len(await market.rows(shows)) == 1


@pytest.mark.parametrize("after", range(1, 10))
async def test_interrupted_at_any_step_it_refunds_once_and_records_the_same_draw(
    market: Market, another: Person, after: int
) -> None:
    raffle = await sell_tickets(market)
    expect(await propose(market.staff, raffle), 201)

    async def confirm_and_draw() -> None:
        await confirm(another, raffle)
        set_clock(market, hours=2)
        await market.draw()

    market.process.crash_after(after)
    with pytest.raises(Killed):
        await confirm_and_draw()
    market.process.restart()
    if (await read_raffle(market, raffle))["status"] == "locked":
        expect(await confirm(another, raffle), 200)
    await draw_raffle(market, raffle)
    must_verify(await read_public(market, raffle, "proof"))
    await must_be_refunded(market, raffle)


async def test_tickets_of_a_cancelled_raffle_keep_their_numbers(market: Market, another: Person) -> None:
    raffle = await publish_raffle(market)
    purchase = await buy_tickets(market.buyer, raffle, 2)
    await lock_raffle(market, raffle)
    expect(await propose(market.staff, raffle), 201)
    expect(await confirm(another, raffle), 200)
    await market.draw()
    after = expect(await market.buyer.request("GET", f"/purchases/{purchase['id']}"), 200)
    assert (after["status"], ticket_numbers(after)) == ("refunded", ticket_numbers(purchase))


async def test_the_page_shows_why_it_was_cancelled_and_who_would_have_won(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    path = f"/raffles/{raffle['id']}"
    waiting = (await pages_of(market)(path)).text
    assert REASON in waiting
    assert "known when the round is published" in waiting
    assert f"6 of {raffle['capacity']}" in waiting
    await draw_raffle(market, raffle)
    expected = expect(await read_cancellation(market.guest(), raffle), 200)["would_have_won"]
    page = (await pages_of(market)(path)).text
    assert REASON in page
    assert "There is no draw" not in page
    assert all(f"<bdi>{one['number']}</bdi>" in page for one in expected)
    assert "known when the round is published" not in page
