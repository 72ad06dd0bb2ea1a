"""Responsible gaming: checked in the transaction that sells tickets; set only by the participants themselves."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from luxewin.kit.money import Money, total
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.raffles.domain.raffles import Terms
from luxewin.modules.raffles.domain.responsible_gaming import (
    ExclusionKind,
    Participant,
    Period,
    SpendLimit,
    exclusion_of,
    holds_from,
    must_stay_within,
)
from luxewin.modules.raffles.errors import Excluded
from luxewin.modules.raffles.repository import responsible_gaming as repository
from luxewin.modules.raffles.service.secrets import RaffleSecrets


async def find_participant(tx: Transaction, user_id: UUID, *, secrets: RaffleSecrets) -> Participant:
    """Return a person's declaration, their limits, and their exclusion if they are excluded."""
    return await repository.participant(tx, user_id, hashes=await _hashes(tx, user_id, secrets))


async def must_be_eligible(
    tx: Transaction, user_id: UUID, terms: Sequence[Terms], costs: Sequence[Money], *, secrets: RaffleSecrets
) -> Participant:
    """Check that a person may buy tickets of raffles with these terms, at these costs; return the person.

    The person is locked until the commit, with all of their accounts.

    Raises:
        Excluded: the person has excluded themselves.
        NotEligible: a raffle's minimum age or territories do not allow it.
        SpendLimitReached: it would exceed a limit that the person has set.
    """
    participant = await _lock_participant(tx, user_id, secrets=secrets)
    if participant.excluded_until is not None:
        raise Excluded(until=participant.excluded_until)
    now = await tx.now()
    for raffle in terms:
        participant.must_be_of_age(raffle.minimum_age, today=now.date())
        participant.must_be_served(raffle.territories)
    for period, limit in participant.in_force(now).items():
        cost = total(costs, currency=limit.currency)
        spent = Money(await repository.spent_within(tx, participant.entrants, period.length), limit.currency)
        must_stay_within(limit, period=period, spent=spent, cost=cost)
    return participant


def declare(tx: Transaction, user_id: UUID, *, born_on: date | None, territory: str | None) -> None:
    """Store a person's date of birth and territory; None leaves a value unchanged.

    Raises:
        BirthDeclared: (at the flush) another date of birth is already declared.
    """
    tx.write(repository.declare(tx, user_id, born_on=born_on, territory=territory))


async def set_limit(
    tx: Transaction, user_id: UUID, *, period: Period, amount: Money | None, currency: str, secrets: RaffleSecrets
) -> None:
    """Set or remove a limit: a lower limit applies at once, any other change after a day.

    Changes of the same period that do not apply yet are withdrawn.
    """
    tx.write(repository.declare(tx, user_id, born_on=None, territory=None))
    await tx.flush()
    # The write above has locked the person's row, so that concurrent changes of their limits run one after the other.
    # The time must be read after that: this transaction may have begun before one that has already committed.
    now = await repository.current_time(tx)
    tx.set_now(now)
    participant = await _lock_participant(tx, user_id, secrets=secrets)
    begins = holds_from(amount, now=now, current=participant.in_force(now).get(period))
    tx.write(repository.withdraw_pending(tx, participant.entrants, period, now=now))
    tx.write(repository.add_limit(tx, user_id, SpendLimit(period, amount, begins), currency=currency))
    tx.audit("raffles.limit_set", target=user_id, after={"period": period, "amount": amount.minor if amount else None})


async def exclude(tx: Transaction, user_id: UUID, *, kind: ExclusionKind, days: int, secrets: RaffleSecrets) -> None:
    """Exclude a person, at their own request, from all raffles of the tenant; nobody can end it earlier.

    Raises:
        ExclusionLength: the length is not allowed for this kind.
    """
    now = await tx.now()
    ends_at = now + exclusion_of(kind, days)
    hashes = await _hashes(tx, user_id, secrets)
    tx.write(repository.exclude(tx, hashes, kind, begun_at=now, ends_at=ends_at))


async def _lock_participant(tx: Transaction, user_id: UUID, *, secrets: RaffleSecrets) -> Participant:
    hashes = await _hashes(tx, user_id, secrets)
    tx.write(repository.link_account(tx, user_id, hashes[-1]))
    await tx.flush()
    return await repository.participant(tx, user_id, hashes=hashes)


async def _hashes(tx: Transaction, user_id: UUID, secrets: RaffleSecrets) -> list[bytes]:
    """Return the hashes that identify a person: of their account id, and last of the mailbox of their account.

    Exclusions of earlier versions are stored under the address in small letters.
    """
    user = await identity.find_user(tx, user_id)
    addresses = () if user is None else (user.email.casefold(), identity.canonical_email(user.email))
    return [secrets.person_hash(name, tenant_id=tx.tenant_id) for name in dict.fromkeys((str(user_id), *addresses))]
