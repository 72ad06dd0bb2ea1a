"""Rescheduling raffles: the closing time is moved later by a new version of the rules."""

from dataclasses import replace
from datetime import datetime

from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles.domain.anchoring import rules_key
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.domain.raffles import (
    Raffle,
    must_be_anchored_in_time,
    must_be_reschedulable,
    rescheduled_rules,
)
from luxewin.modules.raffles.events import RaffleRescheduled
from luxewin.modules.raffles.repository import anchors, draws
from luxewin.modules.raffles.repository import raffles as repository


async def reschedule_raffle(
    tx: Transaction, raffle: Raffle, closes_at: datetime, *, anchor: Json | None = None
) -> None:
    """Move the closing time of an open raffle later.

    The new version of the rules contains the hash of the previous one and changes only the closing time and the round.
    If the rules promise an anchor, the new version has to be on the chain before the previous one closes; otherwise the
    raffle is cancelled as its rules define. `anchor` is the location where this installation anchors now.

    Raises:
        RaffleNotOpen: it is not open, or has closed.
        ClosesEarlier, RescheduledTooFar, RescheduledTooOften: the new closing time is not allowed.
        AnchorMissing, RulesNotAnchored, RescheduledTooLate: the new rules could not be anchored in time.
        RaffleChanged: (at the flush) another transaction changed the raffle first.
    """
    now = await tx.now()
    raffle.must_sell(now)
    await repository.lock_row(tx, raffle.id)
    replace(raffle, counts=await draws.lock_counter(tx, raffle.id)).must_not_have_closed(now)
    versions = (await repository.rules_of(tx, [raffle.id]))[raffle.id]
    must_be_reschedulable(versions, to=closes_at)
    is_final = rules_key(len(versions)) in await anchors.final_purposes(tx, raffle.id)
    must_be_anchored_in_time(versions[-1], anchor, is_final=is_final, now=now)
    rules = rescheduled_rules(versions[-1], closes_at)
    tx.write(
        repository.reschedule(tx, raffle, closes_at),
        repository.add_rules(tx, raffle.id, rules),
        draws.resume_sales(tx, raffle.id),
    )
    changed = {"closes_at": rules["closes_at"], "rules_hash": hash_of(rules).hex()}
    tx.audit("raffles.postponed", target=raffle.id, before={"closes_at": versions[-1]["closes_at"]}, after=changed)
    tx.publish(
        RaffleRescheduled(
            aggregate_id=raffle.id, aggregate_version=raffle.version + 1, rules_version=rules["version"], **changed
        )
    )
