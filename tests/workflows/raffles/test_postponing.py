"""A raffle may close later than promised, by rules that name those before them; never earlier, nor once it closed."""

import asyncio
import json
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import SYSTEM, Role
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.domain.encoding import hash_of
from luxewin.modules.raffles.domain.raffles import MOST_VERSIONS
from tests.workflows.market import BEACONS, RAFFLE_SECRETS, Market, Person
from tests.workflows.raffles.fair import (
    at,
    bought,
    buy,
    buyers,
    counts,
    drafted,
    drawn,
    locked,
    published,
    read,
    refused,
    seen,
    terms,
    told,
)
from tests.workflows.raffles.test_drawing import must_verify
from verify import verify_draw


async def postpone(market: Market, raffle: dict[str, Any], **later: float) -> httpx2.Response:
    """Ask, as staff, for a closing so much later than the raffle was published with."""
    return await asked_by(market.known_as(market.staff.principal), raffle, **later)


async def asked_by(person: Person, raffle: dict[str, Any], **later: float) -> httpx2.Response:
    """Ask for a later closing."""
    closes_at = datetime.fromisoformat(raffle["closes_at"]) + timedelta(**later)
    return await person.post(f"/raffles/{raffle['id']}/postpone", {"closes_at": closes_at.isoformat()})


async def versions(market: Market, raffle: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every version of a raffle's rules."""
    rows = await market.rows(
        "SELECT document::jsonb FROM raffles_rules WHERE tenant_id = $1 AND raffle_id = $2 ORDER BY rules_version",
        raffle["id"],
    )
    return [document for (document,) in rows]


async def test_nothing_but_the_closing_changes_and_the_round_with_it(market: Market) -> None:
    raffle = await published(market)
    later = told(await postpone(market, raffle, hours=1), 200)
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
    assert await seen(market, raffle) == later


async def test_it_sells_until_the_later_closing_and_its_proof_holds_all_versions(market: Market) -> None:
    raffle = await published(market)
    told(await postpone(market, raffle, minutes=30), 200)
    told(await postpone(market, raffle, hours=1), 200)
    for person in buyers(market, 2):
        await bought(person, raffle)
    assert (await locked(market, raffle))["status"] == "open"
    await bought(market.buyer, raffle)
    assert (await drawn(market, raffle))["status"] == "locked"
    at(market, hours=3)
    await market.draw()
    assert (await seen(market, raffle))["status"] == "drawn"
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    assert proof["rules"] == await versions(market, raffle)
    assert [rules["version"] for rules in proof["rules"]] == [1, 2, 3]
    assert proof["receipt"]["entries"] == 3
    for name, other in {"ticket_price": 1, "capacity": 999, "prizes": ["Lamp"], "free_entry": True}.items():
        must_be_refused(proof, {**proof["rules"][1], name: other})
    must_be_refused(proof, {**proof["rules"][1], "closes_at": proof["rules"][0]["closes_at"]})


def must_be_refused(proof: dict[str, Any], second: dict[str, Any]) -> None:
    """See that the verifier refuses a version with other terms, though all that follows fits it."""
    first, _, third = proof["rules"]
    rules = [first, second, {**third, "previous_rules_hash": hash_of(second).hex()}]
    with pytest.raises(verify_draw.Refused):
        verify_draw.check_rules({**proof, "rules": rules, "receipt": {"rules_hash": hash_of(rules[-1]).hex()}})


@pytest.mark.parametrize("later", [{"hours": 0}, {"seconds": 0.9}, {"seconds": -1}, {"days": -1}])
async def test_what_was_published_never_closes_earlier(market: Market, later: dict[str, float]) -> None:
    raffle = await published(market)
    problem = refused(await postpone(market, raffle, **later), 400, "raffles.closes_earlier")
    assert [error["pointer"] for error in problem["errors"]] == ["/closes_at"]
    assert len(await versions(market, raffle)) == 1


async def test_what_has_closed_or_was_never_published_is_not_postponed(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle)
    at(market, hours=1, seconds=1)
    refused(await postpone(market, raffle, hours=5), 409, "raffles.not_open")
    await locked(market, raffle)
    refused(await postpone(market, raffle, hours=5), 409, "raffles.not_open")
    at(market)
    draft = await drafted(market)
    refused(await postpone(market, draft, hours=5), 409, "raffles.not_open")
    refused(await asked_by(market.person(Role.CUSTOMER), raffle, hours=5), 403, "identity.forbidden")


async def test_what_has_closed_because_all_was_sold_is_not_postponed(market: Market) -> None:
    raffle = await published(market, capacity=2, closes_when_sold_out=True)
    await bought(market.buyer, raffle, 2)
    refused(await postpone(market, raffle, hours=1), 409, "raffles.not_open")
    await market.draw()
    assert (await seen(market, raffle))["status"] == "locked"
    assert len(await versions(market, raffle)) == 1


async def test_nobody_is_kept_waiting_for_more_than_a_year(market: Market) -> None:
    raffle = await published(market)
    told(await postpone(market, raffle, days=200), 200)
    refused(await postpone(market, raffle, days=367), 400, "raffles.postponed_too_far")
    told(await postpone(market, raffle, days=366), 200)


@pytest.mark.parametrize("never", ["9998-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"])
async def test_what_cannot_be_reckoned_with_is_refused(market: Market, never: str) -> None:
    raffle = await published(market)
    refused(await market.staff.post(f"/raffles/{raffle['id']}/postpone", {"closes_at": never}), 400, "request.invalid")
    refused(await market.staff.post("/raffles", {**terms(), "closes_at": never}), 400, "request.invalid")


@pytest.mark.parametrize("forged", [{"capacity": 999}, {"ticket_price": 1}, {"closes_at": 1}])
async def test_a_version_that_changes_more_than_the_closing_or_closes_earlier_breaks_a_law(
    market: Market, forged: dict[str, int]
) -> None:
    raffle = await published(market)
    told(await postpone(market, raffle, hours=1), 200)
    told(await postpone(market, raffle, hours=2), 200)
    change = "UPDATE raffles_rules SET document = $2 WHERE tenant_id = $1 AND rules_version = 2"
    second = (await versions(market, raffle))[1]
    assert not await market.broken_laws()
    await market.as_owner(change, market.tenant.id, json.dumps(second | forged))
    found = await market.broken_laws()
    await market.as_owner(change, market.tenant.id, json.dumps(second))
    assert [violation.promise.partition(",")[0] for violation in found] == ["A raffle closes when its newest rules say"]


async def test_rules_have_a_bounded_number_of_versions(market: Market) -> None:
    raffle = await published(market)
    for number in range(1, MOST_VERSIONS):
        told(await postpone(market, raffle, hours=number), 200)
    refused(await postpone(market, raffle, hours=MOST_VERSIONS), 409, "raffles.postponed_too_often")
    assert len(await versions(market, raffle)) == MOST_VERSIONS


async def test_two_who_postpone_at_once_come_one_after_the_other(market: Market) -> None:
    raffle = await published(market)
    answers = await asyncio.gather(*(postpone(market, raffle, hours=hours) for hours in range(1, 6)))
    assert {answer.status_code for answer in answers} <= {200, 400, 409}
    told_versions = await versions(market, raffle)
    assert len(told_versions) == 1 + sum(answer.status_code == 200 for answer in answers)
    for before, after in pairwise(told_versions):
        assert after["previous_rules_hash"] == hash_of(before).hex()
        assert after["closes_at"] > before["closes_at"]


async def test_a_closing_that_has_just_begun_is_taken_back_for_who_asked_in_time(market: Market) -> None:
    raffle = await published(market)
    at(market, hours=1)
    closed = await market.database.run(
        market.tenant, SYSTEM, partial(raffles.close_raffle, raffle_id=UUID(raffle["id"]))
    )
    assert closed is not None
    at(market, minutes=59)
    refused(await buy(market.buyer, raffle), 409, "raffles.sold_out")
    told(await postpone(market, raffle, hours=1), 200)
    await bought(market.buyer, raffle)
    at(market, hours=1)
    await market.draw()
    await bought(market.person(Role.CUSTOMER), raffle)
    assert await counts(market, raffle) == (2, 0, 0)


async def test_a_lock_that_was_decided_before_finds_the_raffle_open(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle)
    told(await postpone(market, raffle, hours=1), 200)
    at(market, hours=1)
    raffle_id = UUID(raffle["id"])

    async def lock(tx: Transaction) -> None:
        found, rules = await raffles.find_raffle(tx, raffle_id), await raffles.rules_of(tx, raffle_id)
        await raffles.lock_raffle(tx, found, rules, secrets=RAFFLE_SECRETS)

    with pytest.raises(raffles.RaffleChanged):
        await market.database.run(market.tenant, SYSTEM, lock)
    assert (await seen(market, raffle))["status"] == "open"
