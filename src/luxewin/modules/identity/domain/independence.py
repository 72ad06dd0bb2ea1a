"""Whether two members of staff are two people: no account was made by the other, and both are old enough."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from luxewin.modules.identity.errors import NotIndependent

MINIMUM_AGE_SETTING = "two_people.minimum_account_age_hours"
INFLUENCE_SETTING = "two_people.influence_days"
DEFAULT_MINIMUM_AGE_HOURS = 24
_MOST_HOURS = 8760
_MOST_DAYS = 3650


class Influence(StrEnum):
    """What one person has done to the account of another, which could make both accounts theirs."""

    CREATED = "created"
    CHANGED = "changed"
    PASSWORD_RESET = "password_reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Influenced:
    """An account that another person has created or changed."""

    user_id: UUID
    by: UUID
    influence: Influence
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependencePolicy:
    """A tenant's rules for two people; `influence_lasts` is None if an influence never ends."""

    minimum_age: timedelta
    influence_lasts: timedelta | None

    @classmethod
    def of(cls, settings: Mapping[str, bool | int | str]) -> Self:
        """Return the policy in the settings of a tenant; a value out of range counts as not set."""
        hours = _number(settings.get(MINIMUM_AGE_SETTING), least=0, most=_MOST_HOURS)
        days = _number(settings.get(INFLUENCE_SETTING), least=1, most=_MOST_DAYS)
        return cls(
            minimum_age=timedelta(hours=DEFAULT_MINIMUM_AGE_HOURS if hours is None else hours),
            influence_lasts=None if days is None else timedelta(days=days),
        )

    def counts(self, influence: Influenced, *, now: datetime) -> bool:
        """Return whether an influence still matters."""
        return self.influence_lasts is None or now - influence.at < self.influence_lasts

    def must_be_of_age(self, created_at: Mapping[UUID, datetime], *, now: datetime) -> None:
        """Check the ages of accounts.

        Raises:
            NotIndependent: one of them is too new.
        """
        for user_id, created in created_at.items():
            if now - created < self.minimum_age:
                raise NotIndependent(
                    f"The account {user_id} is too new to decide with another person: it must be"
                    f" {self.minimum_age // timedelta(hours=1)} hours old",
                    rule="account_too_new",
                    user_id=user_id,
                    allowed_at=created + self.minimum_age,
                )


def must_be_independent(
    one: UUID, other: UUID, influences: Collection[Influenced], *, tenant: Collection[UUID]
) -> None:
    """Check that neither of two people has made the account of the other, nor a third person both, however indirectly.

    A third person counts who has an account in `tenant`; super admins, who have none, may make the accounts of both.

    Raises:
        NotIndependent: the two accounts may belong to one person.
    """
    for each in influences:
        if {each.user_id, each.by} == {one, other}:
            raise NotIndependent(
                f"The account {each.user_id} was {_DONE[each.influence]} by {each.by}:"
                " a third person must confirm this",
                rule=f"account_{each.influence}_by_other",
                user_id=each.user_id,
            )
    shared = ({one} | _makers(one, influences)) & ({other} | _makers(other, influences)) & set(tenant)
    if shared:
        maker = min(shared)
        raise NotIndependent(
            f"Both accounts were created or changed by {maker}, or by people whose account was: a third person must"
            " confirm this",
            rule="accounts_made_by_one_person",
            user_id=maker,
        )


def _makers(user_id: UUID, influences: Collection[Influenced]) -> set[UUID]:
    """Return the people who have created or changed an account, and those who have made their accounts."""
    found: set[UUID] = set()
    waiting = {user_id}
    while waiting:
        makers = {each.by for each in influences if each.user_id in waiting}
        waiting = makers - found
        found |= makers
    return found


def _number(value: object, *, least: int, most: int) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if least <= value <= most else None


_DONE = {
    Influence.CREATED: "created",
    Influence.CHANGED: "given a role, a status or an address",
    Influence.PASSWORD_RESET: "given a password",
}
