"""Responsible play: kept inside the transaction that sells, and set by nobody but the person concerned."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from luxewin.kit.money import Money, total
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.raffles.domain.play import (
    ExclusionKind,
    Period,
    Player,
    SpendLimit,
    exclusion_of,
    holds_from,
    must_stay_within,
)
from luxewin.modules.raffles.domain.raffles import Terms
from luxewin.modules.raffles.errors import Excluded
from luxewin.modules.raffles.repository import play as repository
from luxewin.modules.raffles.service.secrets import RaffleSecrets


async def find_player(tx: Transaction, user_id: UUID, *, secrets: RaffleSecrets) -> Player:
    """Return what is known of somebody: declared, set, and whether they have excluded themselves."""
    return await repository.player(tx, user_id, hashes=await _hashes(tx, user_id, secrets))


async def must_be_allowed(
    tx: Transaction, user_id: UUID, terms: Sequence[Terms], costs: Sequence[Money], *, secrets: RaffleSecrets
) -> None:
    """Refuse a purchase that the rules of its raffles, or what the buyer has set for themselves, do not allow.

    Raises:
        Excluded, NotEligible, SpendLimitReached: it is not allowed.
    """
    player = await find_player(tx, user_id, secrets=secrets)
    if player.excluded_until is not None:
        raise Excluded(until=player.excluded_until)
    now = await tx.now()
    for raffle in terms:
        player.must_be_of_age(raffle.minimum_age, today=now.date())
        player.must_be_served(raffle.territories)
    limits = player.in_force(now)
    if limits:
        await repository.lock_player(tx, user_id)
    for period, limit in limits.items():
        cost = total(costs, currency=limit.currency)
        spent = Money(await repository.spent_within(tx, user_id, period.length), limit.currency)
        must_stay_within(limit, period=period, spent=spent, cost=cost)


def declare(tx: Transaction, user_id: UUID, *, born_on: date | None, territory: str | None) -> None:
    """Note what somebody declares of themselves.

    Raises:
        BirthDeclared: (at the flush) they have declared another date of birth before.
    """
    tx.write(repository.declare(tx, user_id, born_on=born_on, territory=territory))


async def set_limit(
    tx: Transaction, user_id: UUID, *, period: Period, amount: Money | None, currency: str, secrets: RaffleSecrets
) -> None:
    """Set or lift a limit: a stricter one holds at once, any other after a day; what still waited is withdrawn."""
    tx.write(repository.declare(tx, user_id, born_on=None, territory=None))
    await tx.flush()
    # Only now, behind whoever sets another limit of this person at the same moment, can be known what holds: the
    # transaction may have begun before theirs.
    now = await repository.this_moment(tx)
    tx.set_now(now)
    player = await find_player(tx, user_id, secrets=secrets)
    begins = holds_from(amount, now=now, current=player.in_force(now).get(period))
    tx.write(repository.withdraw_waiting(tx, user_id, period, now=now))
    tx.write(repository.add_limit(tx, user_id, SpendLimit(period, amount, begins), currency=currency))
    tx.audit("raffles.limit_set", target=user_id, after={"period": period, "amount": amount.minor if amount else None})


async def exclude(tx: Transaction, user_id: UUID, *, kind: ExclusionKind, days: int, secrets: RaffleSecrets) -> None:
    """Exclude somebody at their own wish, from all raffles of the tenant; it cannot be taken back.

    Raises:
        ExclusionLength: it is too long for a cool-off, or too short for a self-exclusion.
    """
    now = await tx.now()
    ends_at = now + exclusion_of(kind, days)
    hashes = await _hashes(tx, user_id, secrets)
    tx.write(repository.exclude(tx, hashes, kind, begun_at=now, ends_at=ends_at))


async def _hashes(tx: Transaction, user_id: UUID, secrets: RaffleSecrets) -> list[bytes]:
    """Return what somebody goes by in the list of exclusions: their account, and their e-mail address."""
    user = await identity.find_user(tx, user_id)
    names = [str(user_id), *([user.email.casefold()] if user is not None and user.email else [])]
    return [secrets.person_hash(name, tenant_id=tx.tenant_id) for name in names]
