"""Drafting raffles: a draft can be replaced and deleted, and only staff see it."""

from collections.abc import Sequence
from dataclasses import replace

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.raffles import Counts, Prize, Raffle, RaffleStatus, Terms
from luxewin.modules.raffles.errors import RaffleStateForbids
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.hold_prizes import must_be_for_sale
from luxewin.modules.raffles.service.read_raffles import RaffleDetails


async def draft_raffle(tx: Transaction, terms: Terms) -> RaffleDetails:
    """Create a draft.

    Raises:
        PrizeUnavailable: a prize names a product variant that is not for sale.
    """
    raffle = Raffle(
        id=new_id(), status=RaffleStatus.DRAFT, terms=terms, counts=Counts(), created_at=await tx.now(), version=1
    )
    await must_be_for_sale(tx, terms.prizes)
    tx.write(*repository.add(tx, raffle))
    tx.audit("raffles.drafted", target=raffle.id, after={"title": terms.title})
    return RaffleDetails(raffle, ())


async def redraft_raffle(tx: Transaction, raffle: Raffle, terms: Terms) -> None:
    """Replace the terms of a draft; if nothing differs, nothing is written.

    Raises:
        RaffleStateForbids: it is published.
        PrizeUnavailable: a prize names a product variant that is not for sale.
    """
    if raffle.status is not RaffleStatus.DRAFT:
        raise RaffleStateForbids(
            f"Only a draft can be changed; this raffle is `{raffle.status}`", raffle_status=raffle.status
        )
    terms = replace(terms, prizes=_known_prizes(raffle.terms.prizes, terms.prizes))
    if _are_equal(terms, raffle.terms):
        return
    await must_be_for_sale(tx, terms.prizes)
    tx.write(repository.replace(tx, raffle, terms), repository.remove_prizes(tx, raffle.id))
    await tx.flush()
    tx.write(repository.add_prizes(tx, raffle.id, terms.prizes))
    tx.audit("raffles.redrafted", target=raffle.id, before={"title": raffle.terms.title}, after={"title": terms.title})


def delete_draft(tx: Transaction, raffle: Raffle) -> None:
    """Delete a draft.

    Raises:
        RaffleStateForbids: it is published.
    """
    tx.write(repository.transition(tx, raffle, RaffleStatus.DELETED))
    tx.audit("raffles.deleted", target=raffle.id)


def _known_prizes(before: Sequence[Prize], after: Sequence[Prize]) -> list[Prize]:
    """Return the prizes; one that is unchanged at its position keeps the id of its order."""
    known = dict(enumerate(before))
    return [
        replace(prize, order_id=known[position].order_id)
        if position in known and replace(prize, order_id=known[position].order_id) == known[position]
        else prize
        for position, prize in enumerate(after)
    ]


def _are_equal(terms: Terms, others: Terms) -> bool:
    return _comparable(terms) == _comparable(others)


def _comparable(terms: Terms) -> Terms:
    territories = None if terms.territories is None else tuple(terms.territories)
    return replace(terms, prizes=tuple(terms.prizes), territories=territories)
