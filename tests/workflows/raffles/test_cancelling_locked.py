"""After the lock a raffle is cancelled by two people or not at all, and everybody sees who would have won."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import SYSTEM, Role
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.checks import DRAWS
from tests.workflows.market import BEACONS, RAFFLE_SECRETS, Market, Person
from tests.workflows.mortality import Killed
from tests.workflows.raffles.fair import (
    TICKET_PRICE,
    at,
    bought,
    buyers,
    counts,
    drafted,
    drawn,
    locked,
    numbers,
    published,
    read,
    refused,
    seen,
    told,
)
from tests.workflows.raffles.test_claims import chair, shelf
from tests.workflows.raffles.test_drawing import must_verify
from tests.workflows.raffles.test_pages import site_of

REASON = "the prize was damaged"


@pytest.fixture
def another(market: Market) -> Person:
    """Another one of the staff."""
    return market.person(Role.ADMIN)


async def propose(person: Person, raffle: dict[str, Any]) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/cancellation", {"reason": REASON})


async def confirm(person: Person, raffle: dict[str, Any]) -> httpx2.Response:
    return await person.post(f"/raffles/{raffle['id']}/cancellation/confirm")


async def shown(person: Person, raffle: dict[str, Any]) -> httpx2.Response:
    return await person.ask("GET", f"/raffles/{raffle['id']}/cancellation")


async def sold(market: Market, **more: Any) -> dict[str, Any]:
    """Sell two tickets each to three people, and lock the list."""
    raffle = await published(market, **more)
    for person in buyers(market, 3):
        await bought(person, raffle, 2)
    assert (await locked(market, raffle))["status"] == "locked"
    return raffle


async def cancelled(market: Market, another: Person, **more: Any) -> dict[str, Any]:
    """Let two people cancel a raffle that is locked."""
    raffle = await sold(market, **more)
    told(await propose(market.staff, raffle), 201)
    told(await confirm(another, raffle), 200)
    return raffle


async def must_be_given_back(market: Market, raffle: dict[str, Any]) -> None:
    """All three purchases were refunded once, and nothing of the money is left."""
    await market.settle_down()
    refunds = await market.rows("SELECT status, amount_minor FROM payments_refunds WHERE tenant_id = $1")
    assert [tuple(row) for row in refunds] == [("executed", 2 * TICKET_PRICE)] * 3
    assert (await counts(market, raffle), (await market.books()).held_minor) == ((6, 0, 6), 0)


async def test_two_people_cancel_what_is_locked_and_every_purchase_is_given_back(
    market: Market, another: Person
) -> None:
    raffle = await sold(market)
    proposal = told(await propose(market.staff, raffle), 201)
    assert (proposal["approvals"], proposal["confirmed_by"]) == (1, None)
    assert (await seen(market, raffle))["status"] == "locked"
    decided = told(await confirm(another, raffle), 200)
    assert (decided["approvals"], decided["confirmed_by"]) == (2, str(another.principal.user_id))
    assert (await seen(market, raffle))["status"] == "cancelled"
    await market.draw()
    await must_be_given_back(market, raffle)
    receipt = await read(market, raffle, "receipt")
    assert receipt["receipt"]["entries"] == 6


async def test_everybody_sees_for_ever_who_would_have_won(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    public = told(await shown(market.guest(), raffle), 200)
    assert (public["reason"], public["approvals"], public["would_have_won"]) == (REASON, 2, None)
    assert (public["proposed_by"], public["confirmed_by"]) == (None, None)
    refused(await market.guest().ask("GET", f"/raffles/{raffle['id']}/proof"), 409, "raffles.not_drawn")
    await drawn(market, raffle)
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    would = [{"prize": one["prize"], "number": one["number"]} for one in proof["outcome"]["winners"]]
    assert told(await shown(market.guest(), raffle), 200)["would_have_won"] == would
    assert len(would) == 2
    refused(await market.guest().ask("GET", f"/raffles/{raffle['id']}/winners"), 409, "raffles.not_drawn")
    assert (await seen(market, raffle))["status"] == "cancelled"
    await must_be_given_back(market, raffle)
    assert await read(market, raffle, "proof") == proof


async def test_the_draw_is_that_which_would_have_been_made(market: Market, another: Person) -> None:
    raffle = await sold(market)
    told(await market.staff.post(f"/raffles/{raffle['id']}/skips", {"number": 1, "reason": "fraud", "note": "-"}), 201)
    told(await another.post(f"/raffles/{raffle['id']}/skips/1/confirm"), 200)
    told(await propose(market.staff, raffle), 201)
    told(await confirm(another, raffle), 200)
    late = await another.post(f"/raffles/{raffle['id']}/skips", {"number": 2, "reason": "fraud", "note": "-"})
    refused(late, 409, "raffles.state_forbids")
    await drawn(market, raffle)
    outcome = (await read(market, raffle, "proof"))["outcome"]
    places = {place["number"] for place in (*outcome["winners"], *outcome["reserves"])}
    assert 1 not in places
    assert 2 not in {skip["number"] for skip in outcome["skips"] if skip["reason"] == "fraud"}


async def test_one_person_alone_cancels_nothing(market: Market, another: Person) -> None:
    raffle = await sold(market)
    refused(await confirm(another, raffle), 404, "request.not_found")
    told(await propose(market.staff, raffle), 201)
    refused(await propose(another, raffle), 409, "raffles.cancellation_decided")
    refused(await confirm(market.staff, raffle), 403, "raffles.two_people_needed")
    for nobody in (market.buyer, market.person(Role.VENDOR)):
        refused(await propose(nobody, raffle), 403, "identity.forbidden")
        refused(await confirm(nobody, raffle), 403, "identity.forbidden")
    refused(await shown(market.guest(), raffle), 404, "request.not_found")
    assert told(await shown(another, raffle), 200)["proposed_by"] == str(market.staff.principal.user_id)
    await drawn(market, raffle)
    assert (await seen(market, raffle))["status"] == "drawn"
    refused(await confirm(another, raffle), 409, "raffles.state_forbids")


async def test_two_who_confirm_at_once_confirm_once(market: Market) -> None:
    raffle = await sold(market)
    told(await propose(market.staff, raffle), 201)
    people = [market.person(Role.ADMIN) for _ in range(5)]
    answers = await asyncio.gather(*(confirm(person, raffle) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    refused(await confirm(market.person(Role.ADMIN), raffle), 409, "raffles.cancellation_decided")


async def test_nothing_is_cancelled_once_the_round_is_known(market: Market, another: Person) -> None:
    raffle = await sold(market)
    told(await propose(market.staff, raffle), 201)
    at(market, hours=2)
    refused(await confirm(market.known_as(another.principal), raffle), 409, "raffles.state_forbids")
    await market.draw()
    assert (await seen(market, raffle))["status"] == "drawn"


async def test_what_is_not_locked_is_cancelled_in_other_ways(market: Market, other_market: Market) -> None:
    raffle = await published(market)
    for one in (raffle, await drafted(market)):
        refused(await propose(market.staff, one), 409, "raffles.state_forbids")
    refused(await propose(other_market.staff, raffle), 404, "request.not_found")
    refused(await shown(market.staff, raffle), 404, "request.not_found")


async def test_a_prize_that_nobody_will_have_can_be_sold_again(market: Market, another: Person) -> None:
    variant_id = await market.goods(stock=1)
    await cancelled(market, another, prizes=chair(variant_id))
    assert await shelf(market, variant_id) == (1, 0)


async def test_who_decided_what_and_when_is_in_the_audit_log(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    await drawn(market, raffle)
    told_of = await market.rows(
        "SELECT actor, action FROM kit_audit WHERE tenant_id = $1 AND target = $2 ORDER BY id", raffle["id"]
    )
    people = {row["action"]: row["actor"] for row in told_of}
    assert people["raffles.cancellation_proposed"] == f"user:{market.staff.principal.user_id}"
    assert people["raffles.cancellation_confirmed"] == f"user:{another.principal.user_id}"
    assert {"raffles.voided", "raffles.cancelled", "raffles.draw_shown"} <= people.keys()


async def test_what_is_shown_is_proved_as_any_draw_is(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    await drawn(market, raffle)

    async def wrong() -> list[str]:
        found = await market.all_violations()
        return [
            str(one.row["raffle_id"])
            for one in found
            if one.promise == DRAWS and one.row["tenant"] == market.tenant.slug
        ]

    assert await wrong() == []
    await market.as_owner(
        "UPDATE raffles_draws SET outcome = jsonb_set(outcome::jsonb, '{winners,0,number}', '99')::text"
        " WHERE tenant_id = $1",
        market.tenant.id,
    )
    assert await wrong() == [raffle["id"]]


async def test_of_two_workers_that_show_it_at_once_one_does(market: Market, another: Person) -> None:
    raffle = await cancelled(market, another)
    at(market, hours=2)
    raffle_id = UUID(raffle["id"])

    async def show(tx: Transaction) -> None:
        rules = await raffles.rules_of(tx, raffle_id)
        beacon = BEACONS.named(bytes.fromhex(rules["beacon"]["chain_hash"]), clock_offset=market.tenant.clock_offset)
        found = await raffles.find_raffle(tx, raffle_id)
        assert await raffles.is_to_be_shown(tx, found)
        await raffles.show_draw(tx, found, await beacon.round(rules["round"]), secrets=RAFFLE_SECRETS)

    async def show_twice() -> None:
        async with market.database.begin(market.tenant, SYSTEM) as slow:
            await show(slow)
            await market.database.run(market.tenant, SYSTEM, show)

    with pytest.raises(raffles.RaffleChanged):
        await show_twice()
    must_verify(await read(market, raffle, "proof"))
    shows = "SELECT id FROM kit_audit WHERE tenant_id = $1 AND action = 'raffles.draw_shown'"
    assert len(await market.rows(shows)) == 1


@pytest.mark.parametrize("after", range(1, 10))
async def test_killed_at_any_step_it_gives_back_once_and_shows_the_same_draw(
    market: Market, another: Person, after: int
) -> None:
    raffle = await sold(market)
    told(await propose(market.staff, raffle), 201)

    async def confirm_and_draw() -> None:
        await confirm(another, raffle)
        at(market, hours=2)
        await market.draw()

    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await confirm_and_draw()
    market.thread.mend()
    if (await seen(market, raffle))["status"] == "locked":
        told(await confirm(another, raffle), 200)
    await drawn(market, raffle)
    must_verify(await read(market, raffle, "proof"))
    await must_be_given_back(market, raffle)


async def test_numbers_of_a_cancelled_raffle_stay_their_buyers(market: Market, another: Person) -> None:
    raffle = await published(market)
    purchase = await bought(market.buyer, raffle, 2)
    await locked(market, raffle)
    told(await propose(market.staff, raffle), 201)
    told(await confirm(another, raffle), 200)
    await market.draw()
    after = told(await market.buyer.ask("GET", f"/purchases/{purchase['id']}"), 200)
    assert (after["status"], numbers(after)) == ("refunded", numbers(purchase))


async def test_the_page_shows_for_ever_why_it_was_cancelled_and_who_would_have_won(
    market: Market, another: Person
) -> None:
    raffle = await cancelled(market, another)
    path = f"/raffles/{raffle['id']}"
    waiting = (await site_of(market)(path)).text
    assert REASON in waiting
    assert "known once the round is there" in waiting
    assert f"6 of {raffle['capacity']}" in waiting
    await drawn(market, raffle)
    would = told(await shown(market.guest(), raffle), 200)["would_have_won"]
    page = (await site_of(market)(path)).text
    assert REASON in page
    assert "There is no draw" not in page
    assert all(f"<bdi>{one['number']}</bdi>" in page for one in would)
    assert "known once the round is there" not in page
