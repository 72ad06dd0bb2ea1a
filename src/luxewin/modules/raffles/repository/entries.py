"""The entries of a raffle, read in bounded parts."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.bundles import COMMIT_BYTES
from luxewin.modules.raffles.domain.tickets import split

IS_ENTERED = (
    "(t.status = 'valid' OR t.was_entered) AND NOT EXISTS (SELECT FROM raffles_left_out x"
    " WHERE x.tenant_id = t.tenant_id AND x.raffle_id = t.raffle_id AND x.number = t.number)"
)
"""The condition of tickets `t` that take part in the draw, or did before they were refunded."""


async def entries_after(tx: Transaction, raffle_id: UUID, after: int, *, limit: int) -> list[tuple[int, bytes]]:
    """Return entries (number and commit) with numbers above `after`, sorted by number, at most `limit`."""
    row = await tx.fetchrow(
        "SELECT array_agg(t.number ORDER BY t.number) AS numbers,"
        " string_agg(t.commit, ''::bytea ORDER BY t.number) AS commits"
        " FROM (SELECT t.number, t.commit FROM raffles_tickets t WHERE t.tenant_id = $1 AND t.raffle_id = $2"
        f" AND t.number > $3 AND {IS_ENTERED} ORDER BY t.number LIMIT $4) AS t",
        tx.tenant_id,
        raffle_id,
        after,
        limit,
    )
    if row is None or row["numbers"] is None:
        return []
    return list(zip(row["numbers"], split(row["commits"], COMMIT_BYTES), strict=True))
