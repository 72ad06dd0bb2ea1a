"""Proposed and confirmed cancellations of locked raffles."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.cancellations import Cancellation
from luxewin.modules.raffles.errors import CancellationDecided


def propose(tx: Transaction, raffle_id: UUID, proposal: Cancellation) -> Write:
    """Return the write that stores a proposal; a raffle has at most one."""
    return write(
        "INSERT INTO raffles_cancellations (tenant_id, raffle_id, reason, proposed_by, proposed_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        raffle_id,
        proposal.reason,
        proposal.proposed_by,
        proposal.proposed_at,
        rows=1,
        otherwise=CancellationDecided,
    )


def confirm(tx: Transaction, raffle_id: UUID, *, confirmed_by: UUID) -> Write:
    """Return the write that confirms a proposal; it fails if the same person proposed it."""
    return write(
        "UPDATE raffles_cancellations SET confirmed_by = $3, confirmed_at = kit_now() WHERE tenant_id = $1"
        " AND raffle_id = $2 AND confirmed_by IS NULL AND proposed_by <> $3",
        tx.tenant_id,
        raffle_id,
        confirmed_by,
        rows=1,
        otherwise=CancellationDecided,
    )


async def find(tx: Transaction, raffle_id: UUID) -> Cancellation | None:
    """Return the cancellation of a raffle, proposed or confirmed, if there is one."""
    row = await tx.fetchrow(
        "SELECT reason, proposed_by, proposed_at, confirmed_by, confirmed_at FROM raffles_cancellations"
        " WHERE tenant_id = $1 AND raffle_id = $2",
        tx.tenant_id,
        raffle_id,
    )
    return Cancellation(**dict(row)) if row else None
