"""Fill a raffle with free entries with real salts and commitments, copied into the tables with all invariants kept."""

import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.ids import new_id
from luxewin.modules.raffles.domain.tickets import SALT_BYTES, commits_of
from luxewin.modules.raffles.public import RaffleSecrets
from luxewin.runtime.installation import Installation

_OF_A_PERSON = 20
_PEOPLE_AT_ONCE = 2_000
_PURCHASES = (
    *("tenant_id", "id", "raffle_id", "order_id", "entrant_id", "quantity", "currency", "amount_minor", "status"),
    *("first_number", "commits", "sealed_salts", "created_at", "updated_at"),
)
_TICKETS = ("tenant_id", "raffle_id", "number", "purchase_id", "entrant_id", "commit", "status")
_HOLDINGS = ("tenant_id", "raffle_id", "entrant_id", "tickets")


async def fill(installation: Installation, raffle_id: UUID, *, tickets: int) -> None:
    """Add entrants with twenty tickets each, up to `tickets`."""
    admin: Any = await asyncpg.connect(**installation.owner.connect_arguments())
    sealing = RaffleSecrets(installation.secrets.master_key)
    try:
        raffle = await admin.fetchrow(
            "SELECT tenant_id, currency, now() AS now FROM raffles_raffles WHERE id = $1", raffle_id
        )
        for first in range(1, tickets + 1, _OF_A_PERSON * _PEOPLE_AT_ONCE):
            last = min(first + _OF_A_PERSON * _PEOPLE_AT_ONCE - 1, tickets)
            bought = list(_purchases(sealing, raffle, raffle_id, first=first, last=last))
            await _copy(admin, bought)
        await admin.execute("UPDATE raffles_counters SET sold = $2 WHERE raffle_id = $1", raffle_id, tickets)
        await admin.execute("VACUUM (ANALYZE) raffles_tickets, raffles_purchases, raffles_holdings")
    finally:
        await admin.close()


def _purchases(
    sealing: RaffleSecrets, raffle: Any, raffle_id: UUID, *, first: int, last: int
) -> Iterator[tuple[Any, ...]]:
    tenant_id, now = raffle["tenant_id"], raffle["now"]
    for start in range(first, last + 1, _OF_A_PERSON):
        purchase_id, entrant_id = new_id(), new_id()
        quantity = min(_OF_A_PERSON, last + 1 - start)
        salts = secrets.token_bytes(SALT_BYTES * quantity)
        commits = commits_of(salts, raffle_id=raffle_id, entrant_id=entrant_id)
        sealed = sealing.seal_salts(salts, tenant_id=tenant_id, purchase_id=purchase_id)
        place = (tenant_id, purchase_id, raffle_id, None, entrant_id, quantity, raffle["currency"])
        yield (*place, 0, "paid", start, commits, sealed, now, now)


async def _copy(admin: Any, bought: list[tuple[Any, ...]]) -> None:
    await admin.copy_records_to_table("raffles_purchases", records=bought, columns=_PURCHASES)
    tickets, holdings = [], []
    for row in bought:
        one = dict(zip(_PURCHASES, row, strict=True))
        belongs = one["tenant_id"], one["raffle_id"]
        holdings.append((*belongs, one["entrant_id"], one["quantity"]))
        for number, at in zip(count(one["first_number"]), range(0, len(one["commits"]), 32), strict=False):
            commit = one["commits"][at : at + 32]
            tickets.append((*belongs, number, one["id"], one["entrant_id"], commit, "valid"))
    await admin.copy_records_to_table("raffles_holdings", records=holdings, columns=_HOLDINGS)
    await admin.copy_records_to_table("raffles_tickets", records=tickets, columns=_TICKETS)
