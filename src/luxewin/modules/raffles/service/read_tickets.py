"""Reading purchases and tickets; salts are only for the holder."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.tickets import Opened, OwnTicket, Purchase, PurchaseStatus
from luxewin.modules.raffles.errors import PurchaseUnknown
from luxewin.modules.raffles.repository import tickets
from luxewin.modules.raffles.service.secrets import RaffleSecrets


async def find_purchase(tx: Transaction, purchase_id: UUID, *, entrant_id: UUID | None) -> Purchase:
    """Return a purchase of an entrant.

    Raises:
        PurchaseUnknown: it does not exist, or belongs to another person.
    """
    purchase = (await tickets.purchases(tx, [purchase_id])).get(purchase_id)
    if purchase is None or purchase.entrant_id != entrant_id:
        raise PurchaseUnknown
    return purchase


async def list_purchases(
    tx: Transaction, entrant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Purchase]:
    """Return a page of an entrant's purchases, newest first."""
    return await tickets.page_of_entrant(tx, entrant_id, before=before, limit=limit)


async def purchases_in_status(
    tx: Transaction, raffle_id: UUID, status: PurchaseStatus, *, after: UUID, limit: int
) -> list[Purchase]:
    """Return purchases of a raffle in a status with ids above `after`, in order of id, at most `limit`."""
    return await tickets.list_in_status(tx, raffle_id, status, after=after, limit=limit)


async def list_own_numbers(
    tx: Transaction, raffle_id: UUID, entrant_id: UUID, *, after: int, limit: int
) -> list[tuple[int, Purchase]]:
    """Return the numbers of an entrant's tickets of a raffle above `after`, with their purchases, at most `limit`."""
    purchases = await tickets.purchases_in(tx, raffle_id, entrant_id, after=after, limit=limit)
    numbers = ((number, purchase) for purchase in purchases for number in purchase.numbers if number > after)
    return list(islice(numbers, limit))


async def open_tickets(
    tx: Transaction, numbers: Sequence[tuple[int, Purchase]], *, secrets: RaffleSecrets
) -> list[OwnTicket]:
    """Return the tickets of these numbers with their salts; only for their holder."""
    purchases = {purchase.id: purchase for _, purchase in numbers}
    opened = await tickets_of(tx, list(purchases.values()), secrets=secrets)
    by_number = {ticket.number: ticket for found in opened.values() for ticket in found}
    return [by_number[number] for number, _ in numbers]


async def tickets_of(
    tx: Transaction, purchases: Sequence[Purchase], *, secrets: RaffleSecrets
) -> dict[UUID, list[OwnTicket]]:
    """Return the tickets of each purchase with their salts, by purchase id; only for their holder."""
    opened = await _open(tx, [purchase for purchase in purchases if purchase.first_number is not None], secrets)
    return {
        purchase.id: opened[purchase.id].tickets(purchase) if purchase.id in opened else [] for purchase in purchases
    }


async def tickets_of_order(
    tx: Transaction, order_id: UUID, *, secrets: RaffleSecrets
) -> list[tuple[Purchase, list[OwnTicket]]]:
    """Return the purchases of an order with their tickets and salts, in one round trip; only for their holder."""
    found: list[tuple[Purchase, list[OwnTicket]]] = []
    for purchase, commits, sealed in await tickets.sealed_purchases_of_order(tx, order_id):
        salts = secrets.open_salts(sealed, tenant_id=tx.tenant_id, purchase_id=purchase.id)
        found.append((purchase, Opened(commits, salts).tickets(purchase)))
    return found


async def _open(tx: Transaction, purchases: Sequence[Purchase], secrets: RaffleSecrets) -> dict[UUID, Opened]:
    if not purchases:
        return {}
    sealed = await tickets.sealed_values(tx, [purchase.id for purchase in purchases])
    return {
        purchase_id: Opened(commits, secrets.open_salts(salts, tenant_id=tx.tenant_id, purchase_id=purchase_id))
        for purchase_id, (commits, salts) in sealed.items()
    }
