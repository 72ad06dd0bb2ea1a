"""Publishing raffles: the rules are frozen, the prizes are held, and tickets can be bought."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.beacons import Chain
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.raffles import (
    Raffle,
    RaffleStatus,
    frozen_rules,
    must_close_in_future,
    must_leave_time,
)
from luxewin.modules.raffles.errors import AnchorMissing
from luxewin.modules.raffles.events import RafflePublished
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.repository import tickets
from luxewin.modules.raffles.service.hold_prizes import hold_prizes
from luxewin.modules.raffles.service.secrets import RaffleSecrets
from luxewin.modules.raffles.service.signing import find_or_create_key


async def publish_raffle(
    tx: Transaction, raffle: Raffle, *, chain: Chain, secrets: RaffleSecrets, anchor: Json | None = None
) -> None:
    """Freeze the rules of a draft, hold its prizes, and open it for sale.

    `chain` is the beacon that decides the draw. `anchor` is the `anchor` object of the rules of this installation, or
    None if it anchors nothing.

    Raises:
        RaffleStateForbids: it is not a draft.
        ClosesTooSoon, DelayTooShort: the closing time has passed, or the round follows too soon after it.
        PrizeUnavailable, SoldOut: a prize is not for sale, or not in stock.
        AnchorMissing: the terms ask for an anchor, and this installation anchors nothing.
    """
    terms = raffle.terms
    if terms.with_anchor and anchor is None:
        raise AnchorMissing
    promised = anchor if terms.with_anchor else None
    tx.write(repository.transition(tx, raffle, RaffleStatus.OPEN))
    must_close_in_future(terms, await tx.now())
    must_leave_time(terms, chain, margin_seconds=promised["margin_seconds"] if promised else 0)
    key = await find_or_create_key(tx, secrets)
    rules = frozen_rules(raffle.id, terms, chain=chain, signing_key=key, anchor=promised)
    tx.write(repository.add_rules(tx, raffle.id, rules), tickets.add_counter(tx, raffle.id, capacity=terms.capacity))
    rules_hash = hash_of(rules).hex()
    tx.audit("raffles.published", target=raffle.id, after={"rules_hash": rules_hash})
    tx.publish(
        RafflePublished(
            aggregate_id=raffle.id,
            aggregate_version=raffle.version + 1,
            title=terms.title,
            rules_hash=rules_hash,
            closes_at=rules["closes_at"],
        )
    )
    await tx.flush()
    await hold_prizes(tx, terms.prizes)
