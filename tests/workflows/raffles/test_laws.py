"""Each law of raffles is broken on purpose, and found broken."""

from typing import Any

import pytest

from luxewin.modules.raffles.checks import DRAWS
from tests.workflows.market import Market
from tests.workflows.raffles.fair import bought, buyers, drawn, published

BREACHES = {
    "The tickets of a raffle count": "UPDATE raffles_counters SET sold = sold {} 1 WHERE tenant_id = $1",
    "What a raffle holds back for payments": "UPDATE raffles_counters SET held = held {} 1 WHERE tenant_id = $1",
    "Nobody holds more tickets": "UPDATE raffles_holdings SET tickets = tickets {} 9 WHERE tenant_id = $1",
    "A purchase has as many tickets": (
        "UPDATE raffles_purchases SET first_number = first_number {} 1 WHERE tenant_id = $1"
    ),
    "A raffle closes when its newest rules say, and each": (
        "UPDATE raffles_raffles SET closes_at = closes_at {} interval '1 s' WHERE tenant_id = $1"
    ),
    "What a raffle's paid purchases cost": (
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
    "Of a settled raffle": (
        "UPDATE raffles_raffles SET status = 'settled' WHERE tenant_id = $1",
        "UPDATE raffles_raffles SET status = 'drawn' WHERE tenant_id = $1",
    ),
    "A ticket is skipped by two people": (
        "UPDATE raffles_winners SET status = 'refused' WHERE tenant_id = $1 AND place = 3",
        "UPDATE raffles_winners SET status = 'reserve' WHERE tenant_id = $1 AND place = 3",
    ),
    "A raffle that promised an anchor": (
        "UPDATE raffles_raffles SET with_anchor = true WHERE tenant_id = $1",
        "UPDATE raffles_raffles SET with_anchor = false WHERE tenant_id = $1",
    ),
    "A raffle that was cancelled when it was locked": (
        "UPDATE raffles_raffles SET status = 'cancelled' WHERE tenant_id = $1",
        "UPDATE raffles_raffles SET status = 'drawn' WHERE tenant_id = $1",
    ),
    "A prize that ships has one order": (
        "UPDATE raffles_winners SET status = 'claimed', order_id = entrant_id WHERE tenant_id = $1 AND place = 1",
        "UPDATE raffles_winners SET status = 'winner', order_id = NULL WHERE tenant_id = $1 AND place = 1",
    ),
}
CASES = {**{law: (sql.format("+"), sql.format("-")) for law, sql in BREACHES.items()}, **SWAPS, **CLAIMS}


async def drawn_raffle(market: Market) -> dict[str, Any]:
    raffle = await published(market)
    for person in buyers(market, 3):
        await bought(person, raffle, 3)
    return await drawn(market, raffle)


@pytest.mark.parametrize("law", CASES)
async def test_a_broken_law_is_found(market: Market, law: str) -> None:
    await drawn_raffle(market)
    violation, repair = CASES[law]
    await market.as_owner(violation, market.tenant.id)
    found = await market.broken_laws()
    await market.as_owner(repair, market.tenant.id)
    assert any(violation.promise.startswith(law) for violation in found), found


async def test_a_winner_that_the_proof_does_not_give_is_found(market: Market) -> None:
    raffle = await drawn_raffle(market)
    swap = (
        "UPDATE raffles_winners w SET number = t.number FROM raffles_tickets t WHERE w.tenant_id = $1 AND w.place = 1"
        " AND t.tenant_id = $1 AND t.number = (SELECT min(n.number) FROM raffles_tickets n WHERE n.tenant_id = $1"
        " AND n.number NOT IN (SELECT number FROM raffles_winners WHERE tenant_id = $1))"
    )
    ours = {"tenant": market.tenant.slug}
    found = await market.all_violations()
    assert not [
        violation for violation in found if violation.promise == DRAWS and ours.items() <= violation.row.items()
    ]
    await market.as_owner(swap, market.tenant.id)
    found = await market.all_violations()
    (violation,) = [one for one in found if one.promise == DRAWS and one.row["tenant"] == market.tenant.slug]
    assert str(violation.row["raffle_id"]) == raffle["id"]
