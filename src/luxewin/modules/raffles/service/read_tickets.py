"""Reading what somebody has bought: numbers for them and staff, salts for them alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.tickets import Opened, OwnTicket, Purchase, PurchaseStatus
from luxewin.modules.raffles.errors import PurchaseUnknown
from luxewin.modules.raffles.repository import tickets
from luxewin.modules.raffles.service.secrets import RaffleSecrets


async def find_purchase(tx: Transaction, purchase_id: UUID, *, entrant_id: UUID | None) -> Purchase:
    """Return somebody's purchase.

    Raises:
        PurchaseUnknown: it does not exist, or is another's; the two cannot be told apart.
    """
    purchase = (await tickets.purchases(tx, [purchase_id])).get(purchase_id)
    if purchase is None or purchase.entrant_id != entrant_id:
        raise PurchaseUnknown
    return purchase


async def list_purchases(
    tx: Transaction, entrant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Purchase]:
    """Return a page of somebody's purchases, newest first."""
    return await tickets.page_of_entrant(tx, entrant_id, before=before, limit=limit)


async def purchases_in_status(
    tx: Transaction, raffle_id: UUID, status: PurchaseStatus, *, after: UUID, limit: int
) -> list[Purchase]:
    """Return some purchases of a raffle that stand so, the oldest first, from the one that follows an id."""
    return await tickets.in_status(tx, raffle_id, status, after=after, limit=limit)


async def own_tickets_in(
    tx: Transaction, raffle_id: UUID, entrant_id: UUID, *, secrets: RaffleSecrets
) -> list[OwnTicket]:
    """Return somebody's tickets of a raffle, in order of number."""
    purchases = await tickets.purchases_in(tx, raffle_id, entrant_id)
    opened = await tickets_of(tx, purchases, secrets=secrets)
    return [ticket for purchase in purchases for ticket in opened[purchase.id]]


async def tickets_of(
    tx: Transaction, purchases: Sequence[Purchase], *, secrets: RaffleSecrets
) -> dict[UUID, list[OwnTicket]]:
    """Return the tickets of purchases with what opens them, for their holder alone."""
    opened = await _opened(tx, [one for one in purchases if one.first_number is not None], secrets)
    return {one.id: opened[one.id].tickets(one) if one.id in opened else [] for one in purchases}


async def tickets_of_order(
    tx: Transaction, order_id: UUID, *, secrets: RaffleSecrets
) -> list[tuple[Purchase, list[OwnTicket]]]:
    """Return what an order buys of raffles with the tickets that came of it, in one round trip, for its buyer alone."""
    return [
        (one, Opened(commits, secrets.open_salts(salts, tenant_id=tx.tenant_id, purchase_id=one.id)).tickets(one))
        for one, commits, salts in await tickets.sealed_of_order(tx, order_id)
    ]


async def _opened(tx: Transaction, purchases: Sequence[Purchase], secrets: RaffleSecrets) -> dict[UUID, Opened]:
    if not purchases:
        return {}
    sealed = await tickets.sealed(tx, [purchase.id for purchase in purchases])
    return {
        purchase_id: Opened(commits, secrets.open_salts(salts, tenant_id=tx.tenant_id, purchase_id=purchase_id))
        for purchase_id, (commits, salts) in sealed.items()
    }
