"""Free entries: recorded by staff as they come by post, and on a par with paid ones from then on."""

from uuid import UUID

from luxewin.kit.access import STAFF
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.raffles.domain.raffles import Raffle
from luxewin.modules.raffles.domain.tickets import Purchase, Wish
from luxewin.modules.raffles.errors import EntrantUnknown, NoFreeEntry, StaffExcluded
from luxewin.modules.raffles.repository import tickets
from luxewin.modules.raffles.service.play import must_be_allowed
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.sell_tickets import hold, stake_of


async def enter_free(
    tx: Transaction, raffle: Raffle, *, entrant_id: UUID, quantity: int, reference: str, secrets: RaffleSecrets
) -> Purchase:
    """Record a free entry; it counts under the capacity and the per-person limit, and is numbered at once.

    Raises:
        NoFreeEntry: the rules offer none.
        EntrantUnknown: the tenant has no such account.
        StaffExcluded: it is the account of staff, who cannot take part.
        RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, Excluded, NotEligible: nothing was changed.
    """
    if not raffle.terms.free_entry:
        raise NoFreeEntry
    entrant = await identity.find_user(tx, entrant_id)
    if entrant is None:
        raise EntrantUnknown(pointer="/entrant_id")
    if entrant.role in STAFF:
        raise StaffExcluded
    free = Money.zero(raffle.terms.ticket_price.currency)
    stake = await stake_of(tx, Wish(raffle.id, quantity), raffle, unit_price=free)
    await must_be_allowed(tx, entrant_id, [raffle.terms], [free], secrets=secrets)
    tx.write(*hold(tx, [stake], order_id=None, entrant_id=entrant_id, secrets=secrets))
    await tx.flush()
    tx.write(tickets.issue_free(tx, stake.id))
    tx.audit(
        "raffles.free_entry_recorded",
        target=stake.id,
        after={"raffle_id": raffle.id, "entrant_id": entrant_id, "quantity": quantity, "reference": reference},
    )
    await tx.flush()
    return (await tickets.purchases(tx, [stake.id]))[stake.id]
