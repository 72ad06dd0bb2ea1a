"""What a raffle is, which way it may go, and what it promises when it is published."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.modules.raffles.domain.beacons import Chain
from luxewin.modules.raffles.domain.bundles import PROTOCOL
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.errors import (
    AnchorMissing,
    ClosesEarlier,
    ClosesTooSoon,
    DelayTooShort,
    PostponedTooFar,
    PostponedTooLate,
    PostponedTooOften,
    RaffleNotOpen,
    RaffleStateForbids,
    RulesNotAnchored,
)

LEAST_DELAY_SECONDS = 600
"""Between closing and the round on a public beacon: no list can be completed with the round in sight."""

LOCAL_DELAY_SECONDS = 5
"""Between closing and the round on a beacon of one's own, where nothing is at stake."""

ON_MISSED_ANCHOR = "cancel"
"""What follows where a raffle's anchor comes too late."""

CLAIM_DAYS = 14
"""How long a winner has to claim, where a raffle says nothing else."""

LONGEST_POSTPONEMENT_SECONDS = 366 * 86_400
"""After the closing that was promised first: who has paid is not kept waiting for ever."""

MOST_VERSIONS = 10
"""Of the rules of one raffle: every version is part of its proof."""

MOST_TICKETS = 10_000_000
MOST_PRIZES = 1_000


class RaffleStatus(StrEnum):
    """Where a raffle stands."""

    DRAFT = "draft"
    OPEN = "open"
    LOCKED = "locked"
    ANCHORED = "anchored"
    DRAWN = "drawn"
    VOID = "void"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    DELETED = "deleted"


NEXT: Mapping[RaffleStatus, frozenset[RaffleStatus]] = {
    RaffleStatus.DRAFT: frozenset({RaffleStatus.OPEN, RaffleStatus.DELETED}),
    RaffleStatus.OPEN: frozenset({RaffleStatus.LOCKED, RaffleStatus.CANCELLED}),
    RaffleStatus.LOCKED: frozenset({RaffleStatus.ANCHORED, RaffleStatus.DRAWN, RaffleStatus.VOID}),
    RaffleStatus.ANCHORED: frozenset({RaffleStatus.DRAWN}),
    RaffleStatus.VOID: frozenset({RaffleStatus.LOCKED, RaffleStatus.CANCELLED}),
    RaffleStatus.DRAWN: frozenset({RaffleStatus.SETTLED}),
    RaffleStatus.SETTLED: frozenset(),
    RaffleStatus.CANCELLED: frozenset(),
    RaffleStatus.DELETED: frozenset(),
}
"""Every step that a raffle may take; anything else is refused."""

PUBLIC = frozenset(RaffleStatus) - {RaffleStatus.DRAFT, RaffleStatus.DELETED}
"""What everybody may see."""


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize, in the order in which prizes are drawn; `value` is what it is worth, where that is said.

    One that is a piece of the catalogue is shipped through an order, whose id it has from the beginning.
    """

    name: str
    value: Money | None
    variant_id: UUID | None = None
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SkillQuestion:
    """A question that every buyer answers; of the answer a hash is kept, which tells right from wrong."""

    question: str
    answer_hash: bytes

    @classmethod
    def of(cls, question: str, answer: str) -> "SkillQuestion":
        """Return the question with the hash of its answer."""
        return cls(question, _answer_hash(answer))

    def is_answered_by(self, answer: str | None) -> bool:
        """Tell whether an answer is right; case and white space do not matter."""
        return answer is not None and _answer_hash(answer) == self.answer_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a raffle promises; until it is published all of it may change, and after that the closing may be later."""

    title: str
    description: str
    ticket_price: Money
    capacity: int
    per_person_limit: int | None
    one_prize_per_person: bool
    prizes: Sequence[Prize]
    reserve_winners: int
    closes_at: datetime
    closes_when_sold_out: bool
    draw_delay_seconds: int
    minimum_age: int | None
    territories: Sequence[str] | None
    free_entry: bool
    skill: SkillQuestion | None
    claim_days: int = CLAIM_DAYS
    with_anchor: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets were given a number, wait for their payment, and were given back."""

    sold: int = 0
    held: int = 0
    voided: int = 0

    @property
    def valid(self) -> int:
        """How many take part in the draw."""
        return self.sold - self.voided


@dataclass(frozen=True, slots=True, kw_only=True)
class Raffle:
    """A raffle as it was read; times are the tenant's, `closes_at` in whole seconds."""

    id: UUID
    status: RaffleStatus
    terms: Terms
    counts: Counts
    created_at: datetime
    version: int

    @property
    def left(self) -> int:
        """How many tickets can still be bought."""
        return self.terms.capacity - self.counts.sold - self.counts.held if self.status is RaffleStatus.OPEN else 0

    @property
    def awaits_round(self) -> bool:
        """Whether nothing but the round is missing: a list that has to be anchored, is."""
        return self.status is (RaffleStatus.ANCHORED if self.terms.with_anchor else RaffleStatus.LOCKED)

    def becoming(self, status: RaffleStatus) -> RaffleStatus:
        """Return the state that the raffle is about to take.

        Raises:
            RaffleStateForbids: this step does not lead there.
        """
        if status not in NEXT[self.status]:
            raise RaffleStateForbids(raffle_status=self.status)
        return status

    @property
    def most_per_person(self) -> int:
        """How many tickets one person may hold."""
        limit = self.terms.per_person_limit
        return self.terms.capacity if limit is None else limit

    def sells_at(self, now: datetime) -> bool:
        """Tell whether the raffle sells at this moment, as far as tickets are left."""
        return self.status is RaffleStatus.OPEN and now < self.terms.closes_at

    def has_closed(self, now: datetime) -> bool:
        """Tell whether its time has come, or all is sold where its rules close it then."""
        sold_out = self.terms.closes_when_sold_out and self.counts.sold == self.terms.capacity
        return sold_out or now >= self.terms.closes_at

    def must_not_have_closed(self, now: datetime) -> None:
        """Refuse what comes after the closing.

        Raises:
            RaffleNotOpen: its time has come, or all is sold where that closes it.
        """
        if self.has_closed(now):
            raise RaffleNotOpen(raffle_id=self.id, raffle_status=self.status, closes_at=self.terms.closes_at)

    def must_sell(self, now: datetime) -> None:
        """Refuse a purchase unless the raffle sells at this moment.

        Raises:
            RaffleNotOpen: it does not sell yet, or no longer.
        """
        if not self.sells_at(now):
            raise RaffleNotOpen(raffle_id=self.id, raffle_status=self.status, closes_at=self.terms.closes_at)


def must_close_later(terms: Terms, now: datetime) -> None:
    """Refuse to publish what is over already.

    Raises:
        ClosesTooSoon: the closing time has passed.
    """
    if terms.closes_at <= now:
        raise ClosesTooSoon(pointer="/closes_at")


def must_leave_time(terms: Terms, chain: Chain, *, margin_seconds: int) -> None:
    """Refuse to publish where the round follows too soon: nothing would show that the list came before it.

    Half the delay is for payments that are not decided yet; the margin of an anchor has to fit into the other half.

    Raises:
        DelayTooShort: names the least delay.
    """
    least = max(0 if chain.operated_here else LEAST_DELAY_SECONDS, 2 * margin_seconds)
    if terms.draw_delay_seconds < least:
        raise DelayTooShort(pointer="/draw_delay_seconds", least=least)


def must_be_postponable(versions: Sequence[Json], *, to: datetime) -> None:
    """Refuse another closing where it is no later one, or much later than was promised first.

    Raises:
        ClosesEarlier: it is not later than what is promised.
        PostponedTooFar: it is more than a year later than the first version said.
        PostponedTooOften: the rules have as many versions as they may.
    """
    closes_at = int(to.timestamp())
    if closes_at <= versions[-1]["closes_at"]:
        raise ClosesEarlier(pointer="/closes_at")
    if closes_at > versions[0]["closes_at"] + LONGEST_POSTPONEMENT_SECONDS:
        raise PostponedTooFar(pointer="/closes_at")
    if len(versions) >= MOST_VERSIONS:
        raise PostponedTooOften(most=MOST_VERSIONS)


def must_be_anchored_in_time(rules: Json, anchor: Json | None, *, is_final: bool, now: datetime) -> None:
    """Refuse to postpone where the new rules could not be written to the chain before the old ones close.

    `anchor` is where this installation writes now; `is_final` tells whether the rules in force stand there for good.

    Raises:
        AnchorMissing: it writes nowhere, or not where the rules promise.
        RulesNotAnchored: the rules in force are not on the chain.
        PostponedTooLate: less time than the anchor's margin is left.
    """
    promised = rules["anchor"]
    if promised is None:
        return
    if anchor is None or any(anchor[name] != promised[name] for name in ("chain_id", "contract", "sender")):
        raise AnchorMissing
    if not is_final:
        raise RulesNotAnchored
    if now.timestamp() >= rules["closes_at"] - promised["margin_seconds"]:
        closes_at = datetime.fromtimestamp(rules["closes_at"], tz=UTC)
        raise PostponedTooLate(closes_at=closes_at, margin_seconds=promised["margin_seconds"])


def postponed_rules(newest: Json, closes_at: datetime) -> dict[str, Any]:
    """Return the version of the rules that follows: closing and round are later, and everything else is as promised."""
    closes = int(closes_at.timestamp())
    return {
        **newest,
        "version": newest["version"] + 1,
        "previous_rules_hash": hash_of(newest).hex(),
        "closes_at": closes,
        "round": Chain.named_by(newest).first_round_at(closes + newest["draw_delay_seconds"]),
    }


def round_of(terms: Terms, chain: Chain) -> int:
    """Return the round that decides: the first one at or after closing time and delay, whenever tickets run out."""
    return chain.first_round_at(int(terms.closes_at.timestamp()) + terms.draw_delay_seconds)


def frozen_rules(
    raffle_id: UUID, terms: Terms, *, chain: Chain, signing_key: bytes, anchor: Json | None
) -> dict[str, Any]:
    """Return the rules as they are hashed, published and proved: nothing of them changes from here on.

    A raffle whose anchor is missed can only be cancelled: docs/decisions/0033.
    """
    return {
        "protocol": PROTOCOL,
        "raffle_id": str(raffle_id),
        "version": 1,
        "previous_rules_hash": None,
        "title": terms.title,
        "currency": terms.ticket_price.currency,
        "ticket_price": terms.ticket_price.minor,
        "capacity": terms.capacity,
        "per_person_limit": terms.per_person_limit,
        "one_prize_per_person": terms.one_prize_per_person,
        "prizes": [prize.name for prize in terms.prizes],
        "reserve_winners": terms.reserve_winners,
        "closes_at": int(terms.closes_at.timestamp()),
        "closes_when_sold_out": terms.closes_when_sold_out,
        "draw_delay_seconds": terms.draw_delay_seconds,
        "round": round_of(terms, chain),
        "beacon": dict(chain.rules()),
        "signing_key": signing_key.hex(),
        "anchor": anchor,
        "on_missed_anchor": None if anchor is None else ON_MISSED_ANCHOR,
        "minimum_age": terms.minimum_age,
        "territories": list(terms.territories) if terms.territories is not None else None,
        "free_entry": terms.free_entry,
        "skill_question": terms.skill is not None,
    }


def _answer_hash(answer: str) -> bytes:
    return hashlib.sha256("".join(answer.casefold().split()).encode()).digest()
