"""The entries of a raffle, read in bounded parts."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.bundles import COMMIT_BYTES
from luxewin.modules.raffles.domain.tickets import split


async def entries_after(tx: Transaction, raffle_id: UUID, after: int, *, limit: int) -> list[tuple[int, bytes]]:
    """Return entries (number and commit) with numbers above `after`, sorted by number, at most `limit`."""
    row = await tx.fetchrow(
        "SELECT array_agg(t.number ORDER BY t.number) AS numbers,"
        " string_agg(t.commit, ''::bytea ORDER BY t.number) AS commits"
        " FROM (SELECT number, commit FROM raffles_tickets WHERE tenant_id = $1 AND raffle_id = $2"
        " AND number > $3 AND (status = 'valid' OR was_entered) ORDER BY number LIMIT $4) AS t",
        tx.tenant_id,
        raffle_id,
        after,
        limit,
    )
    if row is None or row["numbers"] is None:
        return []
    return list(zip(row["numbers"], split(row["commits"], COMMIT_BYTES), strict=True))
