"""A raffle can be rescheduled to close later, by new rules that contain the hash of the previous ones."""

import asyncio
import json
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity.public import Role
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.domain.encoding import hash_of
from luxewin.modules.raffles.domain.raffles import MOST_VERSIONS
from tests.workflows.market import BEACONS, RAFFLE_SECRETS, Market, Person
from tests.workflows.raffles.scenario import (
    buy_tickets,
    customers,
    draft_raffle,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    post_purchase,
    publish_raffle,
    raffle_terms,
    read_public,
    read_raffle,
    set_clock,
    ticket_counts,
)
from tests.workflows.raffles.test_drawing import must_verify
from verify import verify_draw


async def reschedule(market: Market, raffle: dict[str, Any], **later: float) -> httpx2.Response:
    """Request, as staff, a closing time later than the published one by this much."""
    return await request_reschedule(market.person_as(market.staff.principal), raffle, **later)


async def request_reschedule(person: Person, raffle: dict[str, Any], **later: float) -> httpx2.Response:
    """Request a later closing time as this person."""
    closes_at = datetime.fromisoformat(raffle["closes_at"]) + timedelta(**later)
    return await person.post(f"/raffles/{raffle['id']}/postpone", {"closes_at": closes_at.isoformat()})


async def versions(market: Market, raffle: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every version of a raffle's rules, oldest first."""
    rows = await market.rows(
        "SELECT document::jsonb FROM raffles_rules WHERE tenant_id = $1 AND raffle_id = $2 ORDER BY rules_version",
        raffle["id"],
    )
    return [document for (document,) in rows]


async def test_only_the_closing_time_and_the_round_change(market: Market) -> None:
    raffle = await publish_raffle(market)
    later = expect(await reschedule(market, raffle, hours=1), 200)
    first, second = await versions(market, raffle)
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"version", "previous_rules_hash", "closes_at", "round"}
    assert second["previous_rules_hash"] == hash_of(first).hex() == raffle["rules_hash"]
    assert (later["rules_version"], later["rules_hash"]) == (2, hash_of(second).hex())
    assert second["closes_at"] == first["closes_at"] + 3600
    assert datetime.fromisoformat(later["closes_at"]).timestamp() == second["closes_at"]
    assert second["round"] == BEACONS.chain.first_round_at(second["closes_at"] + 600) == later["draw"]["round"]
    assert later | {"draw": None} == {
        **raffle,
        "closes_at": later["closes_at"],
        "draw": None,
        "rules_version": 2,
        "rules_hash": later["rules_hash"],
        "version": raffle["version"] + 1,
    }
    assert await read_raffle(market, raffle) == later


async def test_it_sells_until_the_later_closing_and_its_proof_holds_all_versions(market: Market) -> None:
    raffle = await publish_raffle(market)
    expect(await reschedule(market, raffle, minutes=30), 200)
    expect(await reschedule(market, raffle, hours=1), 200)
    for person in customers(market, 2):
        await buy_tickets(person, raffle)
    assert (await lock_raffle(market, raffle))["status"] == "open"
    await buy_tickets(market.buyer, raffle)
    assert (await draw_raffle(market, raffle))["status"] == "locked"
    set_clock(market, hours=3)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "drawn"
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    assert proof["rules"] == await versions(market, raffle)
    assert [rules["version"] for rules in proof["rules"]] == [1, 2, 3]
    assert proof["receipt"]["entries"] == 3
    for name, other in {"ticket_price": 1, "capacity": 999, "prizes": ["Lamp"], "free_entry": True}.items():
        must_be_refused(proof, {**proof["rules"][1], name: other})
    must_be_refused(proof, {**proof["rules"][1], "closes_at": proof["rules"][0]["closes_at"]})


def must_be_refused(proof: dict[str, Any], second: dict[str, Any]) -> None:
    """Check that the verifier refuses a changed version, although the following hashes match it."""
    first, _, third = proof["rules"]
    rules = [first, second, {**third, "previous_rules_hash": hash_of(second).hex()}]
    with pytest.raises(verify_draw.Refused):
        verify_draw.check_rules({**proof, "rules": rules, "receipt": {"rules_hash": hash_of(rules[-1]).hex()}})


@pytest.mark.parametrize("later", [{"hours": 0}, {"seconds": 0.9}, {"seconds": -1}, {"days": -1}])
async def test_a_published_raffle_never_closes_earlier(market: Market, later: dict[str, float]) -> None:
    raffle = await publish_raffle(market)
    problem = expect_error(await reschedule(market, raffle, **later), 400, "raffles.closes_earlier")
    assert [error["pointer"] for error in problem["errors"]] == ["/closes_at"]
    assert len(await versions(market, raffle)) == 1


async def test_a_closed_or_unpublished_raffle_is_not_rescheduled(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle)
    set_clock(market, hours=1, seconds=1)
    expect_error(await reschedule(market, raffle, hours=5), 409, "raffles.not_open")
    await lock_raffle(market, raffle)
    expect_error(await reschedule(market, raffle, hours=5), 409, "raffles.not_open")
    set_clock(market)
    draft = await draft_raffle(market)
    expect_error(await reschedule(market, draft, hours=5), 409, "raffles.not_open")
    expect_error(await request_reschedule(market.person(Role.CUSTOMER), raffle, hours=5), 403, "identity.forbidden")


async def test_a_raffle_closed_by_selling_out_is_not_rescheduled(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=2, closes_when_sold_out=True)
    await buy_tickets(market.buyer, raffle, 2)
    expect_error(await reschedule(market, raffle, hours=1), 409, "raffles.not_open")
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "locked"
    assert len(await versions(market, raffle)) == 1


async def test_a_raffle_closes_at_most_a_year_after_the_first_closing_time(market: Market) -> None:
    raffle = await publish_raffle(market)
    expect(await reschedule(market, raffle, days=200), 200)
    expect_error(await reschedule(market, raffle, days=367), 400, "raffles.postponed_too_far")
    expect(await reschedule(market, raffle, days=366), 200)


@pytest.mark.parametrize("never", ["9998-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"])
async def test_a_closing_time_too_far_away_is_refused(market: Market, never: str) -> None:
    raffle = await publish_raffle(market)
    expect_error(
        await market.staff.post(f"/raffles/{raffle['id']}/postpone", {"closes_at": never}), 400, "request.invalid"
    )
    expect_error(await market.staff.post("/raffles", {**raffle_terms(), "closes_at": never}), 400, "request.invalid")


@pytest.mark.parametrize("forged", [{"capacity": 999}, {"ticket_price": 1}, {"closes_at": 1}])
async def test_a_version_with_other_changes_or_an_earlier_closing_is_a_violation(
    market: Market, forged: dict[str, int]
) -> None:
    raffle = await publish_raffle(market)
    expect(await reschedule(market, raffle, hours=1), 200)
    expect(await reschedule(market, raffle, hours=2), 200)
    change = "UPDATE raffles_rules SET document = $2 WHERE tenant_id = $1 AND rules_version = 2"
    second = (await versions(market, raffle))[1]
    assert not await market.find_violations()
    await market.as_owner(change, market.tenant.id, json.dumps(second | forged))
    found = await market.find_violations()
    await market.as_owner(change, market.tenant.id, json.dumps(second))
    assert [violation.statement.partition(",")[0] for violation in found] == ["A raffle closes as its newest rules say"]


async def test_rules_have_a_bounded_number_of_versions(market: Market) -> None:
    raffle = await publish_raffle(market)
    for number in range(1, MOST_VERSIONS):
        expect(await reschedule(market, raffle, hours=number), 200)
    expect_error(await reschedule(market, raffle, hours=MOST_VERSIONS), 409, "raffles.postponed_too_often")
    assert len(await versions(market, raffle)) == MOST_VERSIONS


async def test_concurrent_reschedulings_are_serialised(market: Market) -> None:
    raffle = await publish_raffle(market)
    answers = await asyncio.gather(*(reschedule(market, raffle, hours=hours) for hours in range(1, 6)))
    assert {answer.status_code for answer in answers} <= {200, 400, 409}
    stored = await versions(market, raffle)
    assert len(stored) == 1 + sum(answer.status_code == 200 for answer in answers)
    for before, after in pairwise(stored):
        assert after["previous_rules_hash"] == hash_of(before).hex()
        assert after["closes_at"] > before["closes_at"]


async def test_sales_that_have_just_stopped_resume_after_a_rescheduling(market: Market) -> None:
    raffle = await publish_raffle(market)
    set_clock(market, hours=1)
    closed = await market.database.run(
        market.tenant, SYSTEM, partial(raffles.close_raffle, raffle_id=UUID(raffle["id"]))
    )
    assert closed is not None
    set_clock(market, minutes=59)
    expect_error(await post_purchase(market.buyer, raffle), 409, "raffles.sold_out")
    expect(await reschedule(market, raffle, hours=1), 200)
    await buy_tickets(market.buyer, raffle)
    set_clock(market, hours=1)
    await market.draw()
    await buy_tickets(market.person(Role.CUSTOMER), raffle)
    assert await ticket_counts(market, raffle) == (2, 0, 0)


async def test_a_rescheduled_raffle_is_not_locked_by_an_earlier_decision(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle)
    expect(await reschedule(market, raffle, hours=1), 200)
    set_clock(market, hours=1)
    raffle_id = UUID(raffle["id"])

    async def lock(tx: Transaction) -> None:
        found, rules = await raffles.find_raffle(tx, raffle_id), await raffles.rules_of(tx, raffle_id)
        await raffles.lock_raffle(tx, found, rules, disputed_orders=[], secrets=RAFFLE_SECRETS)

    with pytest.raises(raffles.RaffleChanged):
        await market.database.run(market.tenant, SYSTEM, lock)
    assert (await read_raffle(market, raffle))["status"] == "open"
