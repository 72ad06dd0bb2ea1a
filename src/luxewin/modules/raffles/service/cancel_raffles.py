"""Ending raffles without a winner."""

from dataclasses import replace
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.events import RaffleCancelled, RaffleVoided
from luxewin.modules.raffles.repository import draws
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.hold_prizes import release_prizes


async def due_cancelled(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return cancelled raffles that still have purchases to refund or to end."""
    return await draws.due_cancelled(tx, limit=limit)


async def cancel_raffle(tx: Transaction, raffle: Raffle, *, reason: str) -> None:
    """End a raffle whose list is not locked: sales stop, and its prizes are released; the worker refunds its purchases.

    Raises:
        RaffleStateForbids: its list is locked, or it has ended.
    """
    tx.write(repository.transition(tx, raffle, RaffleStatus.CANCELLED), draws.stop_sales(tx, raffle.id))
    tx.write(*await release_prizes(tx, raffle.terms.prizes))
    tx.audit("raffles.cancelled", target=raffle.id, before={"status": raffle.status}, after={"reason": reason})
    tx.publish(RaffleCancelled(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, reason=reason))


async def void_raffle(tx: Transaction, raffle: Raffle, *, reason: str) -> None:
    """End a raffle whose list is locked; its receipt and entries stay readable.

    Raises:
        RaffleStateForbids: it is not locked, or its receipt is anchored.
    """
    tx.write(repository.transition(tx, raffle, RaffleStatus.VOID), draws.reopen_list(tx, raffle.id))
    tx.audit("raffles.voided", target=raffle.id, before={"status": raffle.status}, after={"reason": reason})
    tx.publish(RaffleVoided(aggregate_id=raffle.id, aggregate_version=raffle.version + 1, reason=reason))
    await tx.flush()
    await cancel_raffle(tx, replace(raffle, status=RaffleStatus.VOID, version=raffle.version + 1), reason=reason)
