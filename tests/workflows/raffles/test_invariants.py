"""Each invariant of raffles is violated on purpose, and the violation is found."""

from typing import Any

import pytest

from luxewin.modules.raffles.checks import DETAILS, DRAWS
from tests.workflows.market import Market
from tests.workflows.raffles.scenario import buy_tickets, customers, draw_raffle, publish_raffle

VIOLATIONS = {
    "The ticket numbers of a raffle": "UPDATE raffles_counters SET sold = sold {} 1 WHERE tenant_id = $1",
    "The tickets that a raffle holds": "UPDATE raffles_counters SET held = held {} 1 WHERE tenant_id = $1",
    "Nobody holds more tickets": "UPDATE raffles_holdings SET tickets = tickets {} 9 WHERE tenant_id = $1",
    "A numbered purchase has exactly": (
        "UPDATE raffles_purchases SET first_number = first_number {} 1 WHERE tenant_id = $1"
    ),
    "A raffle closes as its newest rules say, and each": (
        "UPDATE raffles_raffles SET closes_at = closes_at {} interval '1 s' WHERE tenant_id = $1"
    ),
    "The ledger accounts of a raffle": (
        "UPDATE raffles_purchases SET amount_minor = amount_minor {} 1 WHERE tenant_id = $1"
    ),
}
SWAPS = {
    "The locked list of a raffle": (
        "UPDATE raffles_tickets SET status = 'void' WHERE tenant_id = $1 AND number = 1",
        "UPDATE raffles_tickets SET status = 'valid' WHERE tenant_id = $1 AND number = 1",
    ),
    "A drawn raffle has one current winner": (
        "UPDATE raffles_winners SET prize = NULL, status = 'reserve' WHERE tenant_id = $1 AND place = 1",
        "UPDATE raffles_winners SET prize = 1, status = 'winner' WHERE tenant_id = $1 AND place = 1",
    ),
}
CLAIMS = {
    "A settled raffle": (
        "UPDATE raffles_raffles SET status = 'settled' WHERE tenant_id = $1",
        "UPDATE raffles_raffles SET status = 'drawn' WHERE tenant_id = $1",
    ),
    "A ticket is disqualified by two people": (
        "UPDATE raffles_winners SET status = 'refused' WHERE tenant_id = $1 AND place = 3",
        "UPDATE raffles_winners SET status = 'reserve' WHERE tenant_id = $1 AND place = 3",
    ),
    "A raffle that promises an anchor": (
        "UPDATE raffles_raffles SET with_anchor = true WHERE tenant_id = $1",
        "UPDATE raffles_raffles SET with_anchor = false WHERE tenant_id = $1",
    ),
    "A raffle cancelled after its lock": (
        "UPDATE raffles_raffles SET status = 'cancelled' WHERE tenant_id = $1",
        "UPDATE raffles_raffles SET status = 'drawn' WHERE tenant_id = $1",
    ),
    "A prize that ships has one order": (
        "UPDATE raffles_winners SET status = 'claimed', order_id = entrant_id WHERE tenant_id = $1 AND place = 1",
        "UPDATE raffles_winners SET status = 'winner', order_id = NULL WHERE tenant_id = $1 AND place = 1",
    ),
}
CASES = {**{invariant: (sql.format("+"), sql.format("-")) for invariant, sql in VIOLATIONS.items()}, **SWAPS, **CLAIMS}


async def sell_and_draw(market: Market) -> dict[str, Any]:
    raffle = await publish_raffle(market)
    for person in customers(market, 3):
        await buy_tickets(person, raffle, 3)
    return await draw_raffle(market, raffle)


@pytest.mark.parametrize("invariant", CASES)
async def test_a_violation_is_found(market: Market, invariant: str) -> None:
    await sell_and_draw(market)
    violation, repair = CASES[invariant]
    await market.as_owner(violation, market.tenant.id)
    found = await market.find_violations()
    await market.as_owner(repair, market.tenant.id)
    assert any(violation.statement.startswith(invariant) for violation in found), found


async def test_a_stored_winner_that_differs_from_the_proof_is_found(market: Market) -> None:
    raffle = await sell_and_draw(market)
    swap = (
        "UPDATE raffles_winners w SET number = t.number FROM raffles_tickets t WHERE w.tenant_id = $1 AND w.place = 1"
        " AND t.tenant_id = $1 AND t.number = (SELECT min(n.number) FROM raffles_tickets n WHERE n.tenant_id = $1"
        " AND n.number NOT IN (SELECT number FROM raffles_winners WHERE tenant_id = $1))"
    )
    ours = {"tenant": market.tenant.slug}
    found = await market.all_violations()
    assert not [
        violation for violation in found if violation.statement == DRAWS and ours.items() <= violation.row.items()
    ]
    await market.as_owner(swap, market.tenant.id)
    found = await market.all_violations()
    (violation,) = [one for one in found if one.statement == DRAWS and one.row["tenant"] == market.tenant.slug]
    assert str(violation.row["raffle_id"]) == raffle["id"]


async def test_a_promise_that_was_changed_after_publication_is_found(market: Market) -> None:
    raffle = await publish_raffle(market)

    async def found() -> list[str]:
        violations = [one for one in await market.all_violations() if one.statement == DETAILS]
        return [str(one.row["raffle_id"]) for one in violations if one.row["tenant"] == market.tenant.slug]

    assert await found() == []
    for change, repair in (
        ("description = description || '!'", "description = rtrim(description, '!')"),
        ("claim_days = claim_days + 1", "claim_days = claim_days - 1"),
    ):
        await market.as_owner(f"UPDATE raffles_raffles SET {change} WHERE tenant_id = $1", market.tenant.id)
        assert await found() == [raffle["id"]], change
        await market.as_owner(f"UPDATE raffles_raffles SET {repair} WHERE tenant_id = $1", market.tenant.id)
        assert await found() == [], change
