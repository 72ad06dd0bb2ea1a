"""The check can fail: every invariant finds its violation, and the hash chain finds a change."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.invariants import violations
from luxewin.kit.sealing import find_broken_seals, seal_batch
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger import service
from luxewin.modules.ledger.domain import Proof
from luxewin.modules.ledger.public import AccountKind
from tests.conftest import TestDatabase
from tests.modules.ledger.transfers import post, sale

POSTING = (
    "INSERT INTO ledger_postings (tenant_id, transfer_id, line, account_id, currency, amount_minor)"
    " SELECT $1, $2, 9, $3, '{currency}', {minor} FROM (SELECT $4::uuid) AS ignored"
)
TAMPERINGS = {
    "a posting was added": POSTING.format(currency="USD", minor=7),
    "a posting of another currency was added": POSTING.format(currency="EUR", minor=7),
    "a posting was changed": (
        "UPDATE ledger_postings SET amount_minor = amount_minor + 1 WHERE tenant_id = $1 AND transfer_id = $2"
        " AND line = 1 AND $3::uuid IS NOT NULL AND $4::uuid IS NOT NULL"
    ),
    "a posting was deleted": (
        "DELETE FROM ledger_postings WHERE tenant_id = $1 AND transfer_id = $2 AND line = 1"
        " AND $3::uuid IS NOT NULL AND $4::uuid IS NOT NULL"
    ),
    "the postings were deleted": (
        "DELETE FROM ledger_postings WHERE tenant_id = $1 AND transfer_id = $2"
        " AND $3::uuid IS NOT NULL AND $4::uuid IS NOT NULL"
    ),
    "a posting was moved to an account of another tenant": (
        "UPDATE ledger_postings SET account_id = $4 WHERE tenant_id = $1 AND transfer_id = $2 AND line = 1"
        " AND $3::uuid IS NOT NULL"
    ),
    "the cause was changed": (
        "UPDATE ledger_transfers SET cause = 'another' WHERE tenant_id = $1 AND id = $2"
        " AND $3::uuid IS NOT NULL AND $4::uuid IS NOT NULL"
    ),
}
BREAKS = {
    "Postings of one transfer sum to zero per currency": "a posting was changed",
    "A transfer has two or more postings": "the postings were deleted",
    "A posting's currency and tenant are its account's": "a posting was moved to an account of another tenant",
    "The trial balance is zero per tenant and currency": "a posting was deleted",
}


async def prove(database: Database, tenant: Tenancy) -> Proof:
    async with database.begin(tenant, SYSTEM) as tx:
        return await service.prove(tx)


async def seal(database: Database) -> None:
    while await seal_batch(database, ledger.TRANSFERS):
        continue


async def first_rows_after(
    test_database: TestDatabase, tenant: Tenancy, tampering: str
) -> tuple[Mapping[str, Any], list[int]]:
    """Tamper as the owner without triggers and keys, prove, and roll back."""
    connection = await asyncpg.connect(**test_database.owner)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("SET LOCAL session_replication_role = replica")
        transfer_id = await connection.fetchval(
            "SELECT id FROM ledger_transfers WHERE tenant_id = $1 ORDER BY seal_number LIMIT 1", tenant.id
        )
        account = ledger.account_id(tenant.id, AccountKind.ORDER_CLEARING, None, "USD")
        changed = await connection.execute(TAMPERINGS[tampering], tenant.id, transfer_id, account, uuid4())
        assert changed.rpartition(" ")[2] != "0"
        found = {
            invariant: await connection.fetchrow(query, tenant.id) for invariant, query in ledger.INVARIANTS.items()
        }
        broken = [seal for seal in await find_broken_seals(connection, ledger.TRANSFERS) if seal.tenant_id == tenant.id]
        assert all(seal.row_id == transfer_id for seal in broken)
        return {invariant: row for invariant, row in found.items() if row is not None}, [
            seal.seal_number for seal in broken
        ]
    finally:
        await transaction.rollback()
        await connection.close()


async def test_an_untampered_ledger_is_proved(database: Database, tenant: Tenancy) -> None:
    await post(database, tenant, sale(), sale())
    await seal(database)
    proof = await prove(database, tenant)
    assert proof.broken == []
    assert list(proof.trial_balance) == [{"currency": "USD", "debits": "200", "credits": "200", "difference": "0"}]
    assert await violations(database, ledger.INVARIANTS, tenant_id=tenant.id) == []


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_the_chain_names_the_transfer_that_was_tampered_with(
    database: Database, test_database: TestDatabase, tenant: Tenancy, tampering: str
) -> None:
    await post(database, tenant, sale(), sale())
    await seal(database)
    _, broken = await first_rows_after(test_database, tenant, tampering)
    assert broken == [1]


@pytest.mark.parametrize(("invariant", "tampering"), BREAKS.items())
async def test_every_invariant_returns_the_row_that_violates_it(
    database: Database, test_database: TestDatabase, tenant: Tenancy, invariant: str, tampering: str
) -> None:
    await post(database, tenant, sale(), sale())
    await seal(database)
    found, _ = await first_rows_after(test_database, tenant, tampering)
    assert found[invariant]["tenant_id"] == tenant.id


def test_every_invariant_has_a_test_that_violates_it() -> None:
    assert BREAKS.keys() == ledger.INVARIANTS.keys()
