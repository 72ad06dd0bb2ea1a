"""The use cases of the ledger; none of them commits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.sealing import find_broken_seals
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.ledger import repository
from luxewin.modules.ledger.domain import AccountKind, BrokenInvariant, Proof, Transfer, account_id

_SEALING = "The hash chain of transfers recomputes"


def post(tx: Transaction, *transfers: Transfer) -> list[Write]:
    """Return the writes that post transfers.

    Raises:
        TransferExists: (at the flush) a transfer with the same id exists, so its cause was posted before.
    """
    return repository.post(tx.tenant_id, transfers)


async def balance(tx: Transaction, kind: AccountKind, owner_id: UUID | None, currency: str) -> Money:
    """Return an account's balance: debits less credits, so what the tenant owes is negative. No account is zero."""
    account = account_id(tx.tenant_id, kind, owner_id, currency)
    return Money(await repository.balance_minor(tx, account, currency), currency)


async def balances(tx: Transaction, kind: AccountKind, owner_id: UUID | None) -> Mapping[str, int]:
    """Return the balances of an owner's accounts of a kind, in minor units by currency."""
    return await repository.balances(tx, kind, owner_id)


async def account_page(
    tx: Transaction, *, kind: AccountKind | None, after: UUID | None, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return a page of accounts with their balances, by id."""
    return await repository.account_page(tx, kind=kind, after=after, limit=limit)


async def transfer_page(
    tx: Transaction, *, cause_id: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Return a page of transfers with their postings, newest first."""
    return await repository.transfer_page(tx, cause_id=cause_id, before=before, limit=limit)


async def prove(tx: Transaction) -> Proof:
    """Recompute the tenant's ledger from its postings: trial balance, invariants, hash chain."""
    await repository.raise_statement_timeout(tx)
    violations = [
        (name, await repository.first_violation(tx.connection, name, tx.tenant_id)) for name in repository.INVARIANTS
    ]
    broken = [BrokenInvariant(name, row) for name, row in violations if row is not None]
    broken += [
        BrokenInvariant(_SEALING, {"transfer_id": seal.row_id, "seal_number": seal.seal_number})
        for seal in await find_broken_seals(tx.connection, repository.TRANSFERS)
    ]
    return Proof(await tx.now(), await repository.trial_balance(tx), broken)
