"""Responsible gaming: eligibility to buy tickets, and the limits and exclusions that participants set themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.modules.raffles.errors import ExclusionLength, NotEligible, SpendLimitReached

RAISE_DELAY = timedelta(hours=24)
"""The delay before a higher limit, or the removal of a limit, applies; a lower limit applies at once."""

MIN_SELF_EXCLUSION_DAYS = 183
"""Six months. Nobody can end a self-exclusion earlier, not even staff."""

MAX_COOL_OFF_DAYS = 42
MAX_EXCLUSION_DAYS = 3_650


class Period(StrEnum):
    """The period of a spending limit: a rolling window that ends now."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def length(self) -> timedelta:
        """The length of the period: 1, 7 or 30 days."""
        return timedelta(days={Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 30}[self])


class ExclusionKind(StrEnum):
    """A cool-off of at most six weeks, or a self-exclusion of at least six months."""

    COOL_OFF = "cool_off"
    SELF_EXCLUSION = "self_exclusion"


@dataclass(frozen=True, slots=True)
class SpendLimit:
    """The most that may be spent in a period, from `holds_from` on; an amount of None removes the earlier limit."""

    period: Period
    amount: Money | None
    holds_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """The declaration of a person, their limits, and the end of their exclusion if they are excluded.

    `entrants` are the ids of all accounts of the person, also of deleted ones; limits apply to them together.
    """

    born_on: date | None = None
    territory: str | None = None
    limits: Sequence[SpendLimit] = ()
    excluded_until: datetime | None = None
    entrants: Sequence[UUID] = ()

    def must_be_of_age(self, minimum_age: int | None, *, today: date) -> None:
        """Check the minimum age of a raffle.

        Raises:
            NotEligible: the date of birth is not declared, or the participant is too young.
        """
        if minimum_age is None:
            return
        if self.born_on is None:
            raise NotEligible(
                "This raffle has a minimum age; declare your date of birth first", reason="birth_not_declared"
            )
        if age_on(today, born_on=self.born_on) < minimum_age:
            raise NotEligible(
                f"You must be at least {minimum_age} years old to take part in this raffle",
                reason="too_young",
                minimum_age=minimum_age,
            )

    def must_be_served(self, territories: Sequence[str] | None) -> None:
        """Check that a raffle is offered in the participant's territory.

        Raises:
            NotEligible: the territory is not declared, or not among the raffle's territories.
        """
        if territories is None:
            return
        if self.territory is None:
            raise NotEligible(
                "This raffle is offered in certain territories only; declare where you live first",
                reason="territory_not_declared",
            )
        if not serves(territories, self.territory):
            raise NotEligible(
                f"This raffle is not offered in `{self.territory}`, where you live", reason="territory_not_served"
            )

    def in_force(self, now: datetime) -> dict[Period, Money]:
        """Return the limits that apply now, by period."""
        found = {period: in_force(self.limits, period, now=now) for period in Period}
        return {period: amount for period, amount in found.items() if amount is not None}


def age_on(day: date, *, born_on: date) -> int:
    """Return the age in full years; a birthday on 29 February falls on 1 March in years that are not leap years."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def serves(territories: Sequence[str], territory: str) -> bool:
    """Return whether a list of territories (ISO 3166) includes one; a country includes its subdivisions."""
    return territory in territories or territory.partition("-")[0] in territories


def holds_from(new: Money | None, *, now: datetime, current: Money | None) -> datetime:
    """Return when a new limit starts to apply: at once if it is lower than the current one, otherwise after a day."""
    stricter = new is not None and (current is None or new < current)
    return now if stricter else now + RAISE_DELAY


def in_force(limits: Iterable[SpendLimit], period: Period, *, now: datetime) -> Money | None:
    """Return the limit of a period that applies now; None if there is none."""
    begun = [limit for limit in limits if limit.period is period and limit.holds_from <= now]
    return max(begun, key=lambda limit: limit.holds_from).amount if begun else None


def must_stay_within(limit: Money, *, period: Period, spent: Money, cost: Money) -> None:
    """Check that a purchase stays within a limit; a limit of 0 allows only what is free.

    Raises:
        SpendLimitReached: the amount spent in the period plus the cost is above the limit.
    """
    if limit < spent + cost:
        raise SpendLimitReached(period=period, limit={"amount": limit.minor, "currency": limit.currency})


def exclusion_of(kind: ExclusionKind, days: int) -> timedelta:
    """Return the length of an exclusion.

    Raises:
        ExclusionLength: a cool-off is longer than six weeks, or a self-exclusion shorter than six months.
    """
    match kind:
        case ExclusionKind.COOL_OFF:
            shortest, longest = 1, MAX_COOL_OFF_DAYS
        case ExclusionKind.SELF_EXCLUSION:
            shortest, longest = MIN_SELF_EXCLUSION_DAYS, MAX_EXCLUSION_DAYS
        case _:
            assert_never(kind)
    if not shortest <= days <= longest:
        raise ExclusionLength(
            f"`days` of a `{kind}` must be between {shortest} and {longest}, got {days}", pointer="/days"
        )
    return timedelta(days=days)
