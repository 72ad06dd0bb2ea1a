"""What is shown of a raffle: its entries, a bounded piece at a time, and who was drawn."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.bundles import COMMIT_BYTES
from luxewin.modules.raffles.domain.encoding import Json


async def entries_after(tx: Transaction, raffle_id: UUID, after: int, *, limit: int) -> list[tuple[int, bytes]]:
    """Return valid tickets whose numbers follow one, in order: number and commit, so many at most."""
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
    commits: bytes = row["commits"]
    return [(number, commits[at * COMMIT_BYTES : (at + 1) * COMMIT_BYTES]) for at, number in enumerate(row["numbers"])]


async def drawn_places(tx: Transaction, raffle_id: UUID) -> list[Json]:
    """Return the drawn tickets in order: prize, number and status; a reserve has no prize."""
    rows = await tx.fetch(
        "SELECT prize, number, status FROM raffles_winners WHERE tenant_id = $1 AND raffle_id = $2 ORDER BY place",
        tx.tenant_id,
        raffle_id,
    )
    return [dict(row) for row in rows]
