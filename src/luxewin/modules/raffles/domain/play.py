"""Responsible play: who may buy, and how much; what people have set for themselves is kept against themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never

from luxewin.kit.money import Money
from luxewin.modules.raffles.errors import ExclusionLength, NotEligible, SpendLimitReached

RAISE_WAITS = timedelta(hours=24)
"""A higher limit, or none, holds only after this; a lower one at once."""

SHORTEST_SELF_EXCLUSION_DAYS = 183
"""Six months. Nobody, staff included, ends it earlier."""

LONGEST_COOL_OFF_DAYS = 42
LONGEST_EXCLUSION_DAYS = 3_650


class Period(StrEnum):
    """Over which time a limit counts, up to this moment."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return timedelta(days={Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}[self])


class ExclusionKind(StrEnum):
    """A pause, or a decision for half a year and more."""

    COOL_OFF = "cool_off"
    SELF_EXCLUSION = "self_exclusion"


@dataclass(frozen=True, slots=True)
class SpendLimit:
    """At most this much within the period, from a moment on; None lifts an earlier limit."""

    period: Period
    amount: Money | None
    holds_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """What is known of somebody who plays."""

    born_on: date | None = None
    territory: str | None = None
    limits: Sequence[SpendLimit] = ()
    excluded_until: datetime | None = None

    def must_be_of_age(self, minimum_age: int | None, *, today: date) -> None:
        """Refuse whoever is too young for a raffle, or has not said when they were born."""
        if minimum_age is None:
            return
        if self.born_on is None:
            raise NotEligible("Say when you were born before you take part", reason="birth_not_declared")
        if age_on(today, born_on=self.born_on) < minimum_age:
            raise NotEligible("You are too young for this raffle", reason="too_young", minimum_age=minimum_age)

    def must_be_served(self, territories: Sequence[str] | None) -> None:
        """Refuse whoever lives where a raffle is not offered, or has not said where they live."""
        if territories is None:
            return
        if self.territory is None:
            raise NotEligible("Say where you live before you take part", reason="territory_not_declared")
        if not serves(territories, self.territory):
            raise NotEligible("This raffle is not offered where you live", reason="territory_not_served")

    def in_force(self, now: datetime) -> dict[Period, Money]:
        """Return the limits that hold at a moment."""
        held = {period: in_force(self.limits, period, now=now) for period in Period}
        return {period: amount for period, amount in held.items() if amount is not None}


def age_on(day: date, *, born_on: date) -> int:
    """Return the age in whole years; whoever is born on 29 February has a birthday on 1 March in other years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def serves(territories: Sequence[str], territory: str) -> bool:
    """Tell whether a raffle is open to a territory (ISO 3166): a country in the list includes its subdivisions."""
    return territory in territories or territory.partition("-")[0] in territories


def holds_from(new: Money | None, *, now: datetime, current: Money | None) -> datetime:
    """Return when a new limit begins to hold: at once where it is stricter, after a day where it is not."""
    stricter = new is not None and (current is None or new < current)
    return now if stricter else now + RAISE_WAITS


def in_force(limits: Iterable[SpendLimit], period: Period, *, now: datetime) -> Money | None:
    """Return the limit of a period that holds at a moment; None where there is none."""
    begun = [limit for limit in limits if limit.period is period and limit.holds_from <= now]
    return max(begun, key=lambda limit: limit.holds_from).amount if begun else None


def must_stay_within(limit: Money, *, period: Period, spent: Money, cost: Money) -> None:
    """Refuse what would go beyond a limit; 0 allows nothing that costs."""
    if limit < spent + cost:
        raise SpendLimitReached(period=period, limit={"amount": limit.minor, "currency": limit.currency})


def exclusion_of(kind: ExclusionKind, days: int) -> timedelta:
    """Return the length of an exclusion, as it was asked for.

    Raises:
        ExclusionLength: a cool-off of more than six weeks, or a self-exclusion of less than half a year.
    """
    match kind:
        case ExclusionKind.COOL_OFF:
            allowed = 1 <= days <= LONGEST_COOL_OFF_DAYS
        case ExclusionKind.SELF_EXCLUSION:
            allowed = SHORTEST_SELF_EXCLUSION_DAYS <= days <= LONGEST_EXCLUSION_DAYS
        case _:
            assert_never(kind)
    if not allowed:
        raise ExclusionLength(pointer="/days")
    return timedelta(days=days)
