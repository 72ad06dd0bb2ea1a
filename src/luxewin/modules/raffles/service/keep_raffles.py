"""Drafting, publishing and reading raffles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.anchoring import rules_key
from luxewin.modules.raffles.domain.beacons import Chain
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.raffles import (
    Counts,
    Raffle,
    RaffleStatus,
    Terms,
    frozen_rules,
    must_be_anchored_in_time,
    must_be_postponable,
    must_close_later,
    must_leave_time,
    postponed_rules,
)
from luxewin.modules.raffles.errors import AnchorMissing, NotDrawn, RaffleStateForbids, RaffleUnknown
from luxewin.modules.raffles.events import RafflePostponed, RafflePublished
from luxewin.modules.raffles.repository import anchors, draws, tickets
from luxewin.modules.raffles.repository import raffles as repository
from luxewin.modules.raffles.service.hold_prizes import hold_prizes, must_be_for_sale
from luxewin.modules.raffles.service.secrets import RaffleSecrets


@dataclass(frozen=True, slots=True)
class RaffleDetails:
    """A raffle with all versions of its rules, the first one first; a draft has none."""

    raffle: Raffle
    rules: Sequence[Json]


async def draft_raffle(tx: Transaction, terms: Terms) -> RaffleDetails:
    """Write a raffle down; nothing is promised, and nobody sees it.

    Raises:
        PrizeUnavailable: a prize names what the shop does not sell.
    """
    raffle = Raffle(
        id=new_id(), status=RaffleStatus.DRAFT, terms=terms, counts=Counts(), created_at=await tx.now(), version=1
    )
    await must_be_for_sale(tx, terms.prizes)
    tx.write(*repository.add(tx, raffle))
    tx.audit("raffles.drafted", target=raffle.id, after={"title": terms.title})
    return RaffleDetails(raffle, ())


async def redraft_raffle(tx: Transaction, raffle: Raffle, terms: Terms) -> None:
    """Give a draft other terms.

    Raises:
        RaffleStateForbids: it was published; what was promised is kept.
        PrizeUnavailable: a prize names what the shop does not sell.
    """
    if raffle.status is not RaffleStatus.DRAFT:
        raise RaffleStateForbids(raffle_status=raffle.status)
    await must_be_for_sale(tx, terms.prizes)
    tx.write(repository.replace(tx, raffle, terms), repository.remove_prizes(tx, raffle.id))
    await tx.flush()
    tx.write(repository.add_prizes(tx, raffle.id, terms.prizes))
    tx.audit("raffles.redrafted", target=raffle.id, before={"title": raffle.terms.title}, after={"title": terms.title})


def delete_draft(tx: Transaction, raffle: Raffle) -> None:
    """Throw a draft away.

    Raises:
        RaffleStateForbids: it was published.
    """
    tx.write(repository.transition(tx, raffle, RaffleStatus.DELETED))
    tx.audit("raffles.deleted", target=raffle.id)


async def publish_raffle(
    tx: Transaction, raffle: Raffle, *, chain: Chain, secrets: RaffleSecrets, anchor: Json | None = None
) -> None:
    """Freeze a draft's rules, hold its prizes, and let it sell; `anchor` is where rules may promise one.

    Raises:
        RaffleStateForbids: it was published before.
        ClosesTooSoon, DelayTooShort: its times allow no fair draw.
        PrizeUnavailable, SoldOut: a prize is not there to be won.
        AnchorMissing: it is to be anchored, and there is no place for it.
    """
    terms = raffle.terms
    if terms.with_anchor and anchor is None:
        raise AnchorMissing
    promised = anchor if terms.with_anchor else None
    tx.write(repository.transition(tx, raffle, RaffleStatus.OPEN))
    must_close_later(terms, await tx.now())
    must_leave_time(terms, chain, margin_seconds=promised["margin_seconds"] if promised else 0)
    key = await _signing_key(tx, secrets)
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


async def postpone_raffle(tx: Transaction, raffle: Raffle, closes_at: datetime, *, anchor: Json | None = None) -> None:
    """Let a raffle close later, by a new version of its rules that names the one before; nothing else of them changes.

    Where the rules promise an anchor, the new version has to stand on the chain before the old one closes; where it
    does not, the raffle follows its rules for a missed anchor. `anchor` is where this installation writes now.

    Raises:
        RaffleNotOpen: it does not sell yet, or has closed.
        ClosesEarlier, PostponedTooFar, PostponedTooOften: it cannot be moved there.
        AnchorMissing, RulesNotAnchored, PostponedTooLate: its new rules could not be anchored in time.
        RaffleChanged: somebody else was first.
    """
    now = await tx.now()
    raffle.must_sell(now)
    await repository.keep_still(tx, raffle.id)
    replace(raffle, counts=await draws.lock_counter(tx, raffle.id)).must_not_have_closed(now)
    versions = (await repository.rules_of(tx, [raffle.id]))[raffle.id]
    must_be_postponable(versions, to=closes_at)
    is_final = rules_key(len(versions)) in await anchors.final_purposes(tx, raffle.id)
    must_be_anchored_in_time(versions[-1], anchor, is_final=is_final, now=now)
    rules = postponed_rules(versions[-1], closes_at)
    tx.write(
        repository.postpone(tx, raffle, closes_at),
        repository.add_rules(tx, raffle.id, rules),
        draws.sell_on(tx, raffle.id),
    )
    told = {"closes_at": rules["closes_at"], "rules_hash": hash_of(rules).hex()}
    tx.audit("raffles.postponed", target=raffle.id, before={"closes_at": versions[-1]["closes_at"]}, after=told)
    tx.publish(
        RafflePostponed(
            aggregate_id=raffle.id, aggregate_version=raffle.version + 1, rules_version=rules["version"], **told
        )
    )


async def find_raffle(tx: Transaction, raffle_id: UUID) -> Raffle:
    """Return a raffle.

    Raises:
        RaffleUnknown: there is none with this id.
    """
    raffle = (await repository.find(tx, [raffle_id])).get(raffle_id)
    if raffle is None or raffle.status is RaffleStatus.DELETED:
        raise RaffleUnknown
    return raffle


def must_be_drawn(raffle: Raffle) -> Raffle:
    """Return a raffle whose prizes can be claimed.

    Raises:
        NotDrawn: it is not drawn yet, or never will be.
    """
    if raffle.status not in {RaffleStatus.DRAWN, RaffleStatus.SETTLED}:
        raise NotDrawn
    return raffle


async def sheet_of(tx: Transaction, raffle: Raffle) -> RaffleDetails:
    """Gather what is shown of a raffle."""
    return RaffleDetails(raffle, (await repository.rules_of(tx, [raffle.id]))[raffle.id])


async def list_raffles(
    tx: Transaction, *, statuses: Sequence[RaffleStatus], before: tuple[datetime, UUID] | None, limit: int
) -> list[RaffleDetails]:
    """Return a page of raffles, newest first."""
    page = await repository.page(tx, statuses=statuses, before=before, limit=limit)
    rules = await repository.rules_of(tx, [raffle.id for raffle in page])
    return [RaffleDetails(raffle, rules[raffle.id]) for raffle in page]


async def _signing_key(tx: Transaction, secrets: RaffleSecrets) -> bytes:
    """Return the tenant's newest key; the first raffle makes it. Each raffle's rules name the key that signs for it."""
    known = await repository.newest_key(tx)
    if known is not None:
        return known
    made = secrets.new_key(tx.tenant_id)
    tx.write(repository.add_key(tx, public_key=made.public_key, sealed_private_key=made.sealed_private_key))
    return made.public_key
