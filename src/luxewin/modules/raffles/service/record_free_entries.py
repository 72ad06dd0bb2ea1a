"""Free entries: staff record them as they arrive by post; from then on they are tickets like any other."""

from uuid import UUID

from luxewin.kit.access import STAFF
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.raffles.domain.raffles import Raffle
from luxewin.modules.raffles.domain.tickets import Purchase, TicketRequest
from luxewin.modules.raffles.errors import EntrantUnknown, NoFreeEntry, StaffExcluded
from luxewin.modules.raffles.repository import tickets
from luxewin.modules.raffles.service.responsible_gaming import must_be_eligible
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.sell_tickets import hold, must_be_allowed_together, quote_line


async def record_free_entry(
    tx: Transaction, raffle: Raffle, *, entrant_id: UUID, quantity: int, reference: str, secrets: RaffleSecrets
) -> Purchase:
    """Record a free entry and number it at once; it counts towards the capacity and the per-person limit.

    Raises:
        NoFreeEntry: the rules offer no free entry.
        EntrantUnknown: the tenant has no such account.
        StaffExcluded: the account belongs to staff, who cannot take part.
        RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, Excluded, NotEligible: the entry is not possible.
    """
    if not raffle.terms.free_entry:
        raise NoFreeEntry
    entrant = await identity.find_user(tx, entrant_id)
    if entrant is None:
        raise EntrantUnknown(f"There is no account `{entrant_id}` in this shop", pointer="/entrant_id")
    if entrant.role in STAFF:
        raise StaffExcluded
    free = Money.zero(raffle.terms.ticket_price.currency)
    line = await quote_line(tx, TicketRequest(raffle.id, quantity), raffle, unit_price=free)
    participant = await must_be_eligible(tx, entrant_id, [raffle.terms], [free], secrets=secrets)
    await must_be_allowed_together(tx, [line], participant)
    tx.write(*hold(tx, [line], order_id=None, entrant_id=entrant_id, secrets=secrets))
    await tx.flush()
    tx.write(tickets.issue_free(tx, line.id))
    tx.audit(
        "raffles.free_entry_recorded",
        target=line.id,
        after={"raffle_id": raffle.id, "entrant_id": entrant_id, "quantity": quantity, "reference": reference},
    )
    await tx.flush()
    return (await tickets.purchases(tx, [line.id]))[line.id]
