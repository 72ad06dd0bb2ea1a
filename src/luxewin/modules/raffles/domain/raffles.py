"""Raffles: their terms, the transitions between their states, and the rules that are frozen at publication."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.times import utc_text
from luxewin.modules.raffles.domain.beacons import Chain
from luxewin.modules.raffles.domain.bundles import PROTOCOL
from luxewin.modules.raffles.domain.encoding import Json, hash_of
from luxewin.modules.raffles.errors import (
    AnchorMissing,
    ClosesEarlier,
    ClosesTooSoon,
    DelayTooShort,
    RaffleNotOpen,
    RaffleStateForbids,
    RescheduledTooFar,
    RescheduledTooLate,
    RescheduledTooOften,
    RulesNotAnchored,
)

LEAST_DELAY_SECONDS = 600
"""Least delay between closing and the round of a public beacon: the list is complete before the round is known."""

LOCAL_DELAY_SECONDS = 5
"""Default delay between closing and the round of the local beacon, which is for development."""

ON_MISSED_ANCHOR = "cancel"
"""The consequence of a missed anchor: the raffle is cancelled."""

CLAIM_DAYS = 14
"""Default number of days that a winner has to claim a prize."""

MAX_RESCHEDULE_SECONDS = 366 * 86_400
"""The latest closing time, counted from the one first promised, so that buyers do not wait indefinitely."""

MOST_VERSIONS = 10
"""Maximum number of versions of a raffle's rules; every version is part of its proof."""

MOST_TICKETS = 10_000_000
MOST_PRIZES = 1_000


class RaffleStatus(StrEnum):
    """The status of a raffle."""

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
"""The allowed transitions."""

PUBLIC = frozenset(RaffleStatus) - {RaffleStatus.DRAFT, RaffleStatus.DELETED}
"""The statuses in which a raffle is visible to everybody."""


@dataclass(frozen=True, slots=True)
class Prize:
    """A prize; `value` is its worth, if stated.

    A prize that is a product variant is shipped by an order, whose id is fixed when the raffle is drafted.
    """

    name: str
    value: Money | None
    variant_id: UUID | None = None
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SkillQuestion:
    """A question that every buyer must answer; only the hash of the answer is stored."""

    question: str
    answer_hash: bytes

    @classmethod
    def of(cls, question: str, answer: str) -> "SkillQuestion":
        """Return the question with its answer hashed."""
        return cls(question, _answer_hash(answer))

    def is_answered_by(self, answer: str | None) -> bool:
        """Return whether an answer is right, ignoring case and white space."""
        return answer is not None and _answer_hash(answer) == self.answer_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a raffle; once it is published, only the closing time can be changed, to a later one."""

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
    """Numbers of tickets: sold (numbered), held (awaiting payment), and voided (refunded; included in sold)."""

    sold: int = 0
    held: int = 0
    voided: int = 0

    @property
    def valid(self) -> int:
        """The number of tickets in the draw."""
        return self.sold - self.voided


@dataclass(frozen=True, slots=True, kw_only=True)
class Raffle:
    """A raffle as read from the database; `closes_at` has no fractions of a second."""

    id: UUID
    status: RaffleStatus
    terms: Terms
    counts: Counts
    created_at: datetime
    version: int

    @property
    def left(self) -> int:
        """The number of tickets that can be bought now."""
        return self.terms.capacity - self.counts.sold - self.counts.held if self.status is RaffleStatus.OPEN else 0

    @property
    def awaits_round(self) -> bool:
        """True if only the round is missing: the list is locked and, if the raffle promises an anchor, anchored."""
        return self.status is (RaffleStatus.ANCHORED if self.terms.with_anchor else RaffleStatus.LOCKED)

    def next_status(self, status: RaffleStatus) -> RaffleStatus:
        """Return `status` if the raffle may change to it.

        Raises:
            RaffleStateForbids: the transition is not allowed.
        """
        if status not in NEXT[self.status]:
            raise RaffleStateForbids(
                f"A raffle that is `{self.status}` cannot become `{status}`", raffle_status=self.status
            )
        return status

    @property
    def max_per_person(self) -> int:
        """The maximum number of tickets of one person: the limit of the terms, or the capacity."""
        limit = self.terms.per_person_limit
        return self.terms.capacity if limit is None else limit

    def sells_at(self, now: datetime) -> bool:
        """Return whether the raffle is open and its closing time has not passed; it may be sold out."""
        return self.status is RaffleStatus.OPEN and now < self.terms.closes_at

    def has_closed(self, now: datetime) -> bool:
        """Return whether its closing time has passed, or it is sold out and its terms close it then."""
        sold_out = self.terms.closes_when_sold_out and self.counts.sold == self.terms.capacity
        return sold_out or now >= self.terms.closes_at

    def must_not_have_closed(self, now: datetime) -> None:
        """Check that the raffle has not closed.

        Raises:
            RaffleNotOpen: its closing time has passed, or it is sold out and its terms close it then.
        """
        if self.has_closed(now):
            raise RaffleNotOpen(raffle_id=self.id, raffle_status=self.status, closes_at=self.terms.closes_at)

    def must_sell(self, now: datetime) -> None:
        """Check that the raffle sells tickets now.

        Raises:
            RaffleNotOpen: it is not open, or its closing time has passed.
        """
        if not self.sells_at(now):
            raise RaffleNotOpen(raffle_id=self.id, raffle_status=self.status, closes_at=self.terms.closes_at)


def must_close_in_future(terms: Terms, now: datetime) -> None:
    """Check that the closing time lies in the future.

    Raises:
        ClosesTooSoon: the closing time has passed.
    """
    if terms.closes_at <= now:
        raise ClosesTooSoon(f"`closes_at` must be in the future, got {utc_text(terms.closes_at)}", pointer="/closes_at")


def must_leave_time(terms: Terms, chain: Chain, *, margin_seconds: int) -> None:
    """Check that the round is late enough to show that the list of entries is older than the round.

    Half of the delay is for payments of unknown outcome; the margin of an anchor has to fit into the other half.

    Raises:
        DelayTooShort: the delay is shorter than the least one, which the error names.
    """
    least = max(0 if chain.is_local else LEAST_DELAY_SECONDS, 2 * margin_seconds)
    if terms.draw_delay_seconds < least:
        raise DelayTooShort(
            f"`draw_delay_seconds` must be at least {least}, got {terms.draw_delay_seconds}",
            pointer="/draw_delay_seconds",
            least=least,
        )


def must_be_reschedulable(versions: Sequence[Json], *, to: datetime) -> None:
    """Check a new closing time against all versions of the rules.

    Raises:
        ClosesEarlier: it is not later than the current closing time.
        RescheduledTooFar: it is more than a year after the closing time first promised.
        RescheduledTooOften: the rules already have the maximum number of versions.
    """
    closes_at = int(to.timestamp())
    if closes_at <= versions[-1]["closes_at"]:
        raise ClosesEarlier(pointer="/closes_at")
    if closes_at > versions[0]["closes_at"] + MAX_RESCHEDULE_SECONDS:
        raise RescheduledTooFar(pointer="/closes_at")
    if len(versions) >= MOST_VERSIONS:
        raise RescheduledTooOften(most=MOST_VERSIONS)


def must_be_anchored_in_time(rules: Json, anchor: Json | None, *, is_final: bool, now: datetime) -> None:
    """Check that new rules can be anchored before the current ones close; rules without an anchor always pass.

    `anchor` is where this installation anchors now; `is_final` is whether the anchor of the current rules is final.

    Raises:
        AnchorMissing: this installation anchors nothing, or at another location than the rules promise.
        RulesNotAnchored: the anchor of the current rules is not final.
        RescheduledTooLate: less time than the anchor's margin is left before the closing time.
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
        raise RescheduledTooLate(closes_at=closes_at, margin_seconds=promised["margin_seconds"])


def rescheduled_rules(newest: Json, closes_at: datetime) -> dict[str, Any]:
    """Return the next version of the rules, with another closing time and the round that follows from it."""
    closes = int(closes_at.timestamp())
    return {
        **newest,
        "version": newest["version"] + 1,
        "previous_rules_hash": hash_of(newest).hex(),
        "closes_at": closes,
        "round": Chain.from_rules(newest).first_round_at(closes + newest["draw_delay_seconds"]),
    }


def round_of(terms: Terms, chain: Chain) -> int:
    """Return the round that decides: the first at or after the closing time plus the delay, even if sold out before."""
    return chain.first_round_at(int(terms.closes_at.timestamp()) + terms.draw_delay_seconds)


def frozen_rules(
    raffle_id: UUID, terms: Terms, *, chain: Chain, signing_key: bytes, anchor: Json | None
) -> dict[str, Any]:
    """Return version 1 of the rules, as it is hashed, published and proved.

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
        "details_hash": hash_of(details_of(terms)).hex(),
    }


def details_of(terms: Terms) -> dict[str, Any]:
    """Return what buyers are promised beside the rules, which contain its hash: docs/lw1.md, section 12.1."""
    return {
        "description": terms.description,
        "prizes": [
            {
                "name": prize.name,
                "description": None,
                "value": _amount(prize.value),
                "variant_id": None if prize.variant_id is None else str(prize.variant_id),
            }
            for prize in terms.prizes
        ],
        "claim_days": terms.claim_days,
        "skill_question": None if terms.skill is None else terms.skill.question,
    }


def _amount(money: Money | None) -> dict[str, Any] | None:
    return None if money is None else {"amount": money.minor, "currency": money.currency}


def _answer_hash(answer: str) -> bytes:
    return hashlib.sha256("".join(answer.casefold().split()).encode()).digest()
