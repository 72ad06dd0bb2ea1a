"""Posting in the database: the ledger's guarantees hold for every writer."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Transfer, TransferExists
from tests.conftest import TestDatabase
from tests.modules.ledger.transfers import clearing, post, sale


async def test_a_balance_is_the_sum_of_its_postings_and_zero_before_the_first(
    database: Database, tenant: Tenancy
) -> None:
    assert await clearing(database, tenant) == 0
    await post(database, tenant, sale(), sale(Money(23, "USD")), sale(Money(5, "EUR")))
    await post(database, tenant, sale(Money(-40, "USD")))
    assert await clearing(database, tenant) == 83
    async with database.begin(tenant, SYSTEM) as tx:
        assert await ledger.balances(tx, AccountKind.OWN_SALES, None) == {"EUR": -5, "USD": -83}


async def test_two_writes_of_one_statement_may_open_the_same_account(database: Database, tenant: Tenancy) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(*ledger.post(tx, sale()), *ledger.post(tx, sale()))
    assert await clearing(database, tenant) == 200


async def test_concurrent_first_postings_create_an_account_once_and_are_all_stored(
    database: Database, tenant: Tenancy
) -> None:
    await asyncio.gather(*(database.run(tenant, SYSTEM, _posting(sale())) for _ in range(15)))
    assert await clearing(database, tenant) == 1500
    async with database.begin(tenant, SYSTEM) as tx:
        assert await tx.fetchval("SELECT count(*) FROM ledger_accounts WHERE tenant_id = $1", tenant.id) == 2


async def test_a_transfer_that_exists_is_refused_and_moves_nothing(database: Database, tenant: Tenancy) -> None:
    transfer = sale()
    await post(database, tenant, transfer)
    with pytest.raises(TransferExists):
        await post(database, tenant, sale(), transfer)
    assert await clearing(database, tenant) == 100


async def test_of_concurrent_repeats_of_a_transfer_one_is_posted(database: Database, tenant: Tenancy) -> None:
    transfer = sale()
    tries = [database.run(tenant, SYSTEM, _posting(transfer)) for _ in range(10)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(TransferExists) == 9
    assert all(outcome is None or isinstance(outcome, DomainError) for outcome in outcomes)
    assert await clearing(database, tenant) == 100


@pytest.mark.parametrize("amounts", [(100, -99), (100,), (100, 100)])
async def test_the_database_itself_refuses_postings_that_do_not_sum_to_zero(
    database: Database, tenant: Tenancy, amounts: tuple[int, ...]
) -> None:
    await post(database, tenant, sale())
    with pytest.raises(asyncpg.CheckViolationError, match="do not sum to zero"):
        async with database.begin(tenant, SYSTEM) as tx:
            await _raw_transfer(tx, [(minor, "USD") for minor in amounts])
    assert await clearing(database, tenant) == 100


async def test_the_database_itself_refuses_currencies_that_only_cancel_out_together(
    database: Database, tenant: Tenancy
) -> None:
    await post(database, tenant, sale(), sale(Money(1, "EUR")))
    with pytest.raises(asyncpg.CheckViolationError, match="do not sum to zero"):
        async with database.begin(tenant, SYSTEM) as tx:
            await _raw_transfer(tx, [(100, "USD"), (-100, "EUR")])


async def test_the_database_itself_refuses_a_transfer_without_postings(database: Database, tenant: Tenancy) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="or there are none"):
        async with database.begin(tenant, SYSTEM) as tx:
            await _raw_transfer(tx, [])


async def test_the_database_itself_refuses_to_unbalance_a_transfer_later(database: Database, tenant: Tenancy) -> None:
    transfer = sale()
    await post(database, tenant, transfer)
    with pytest.raises(asyncpg.CheckViolationError, match="do not sum to zero"):
        async with database.begin(tenant, SYSTEM) as tx:
            await _raw_posting(tx, transfer.id, line=3, minor=7, currency="USD")


async def test_the_database_itself_refuses_to_change_one_posting_alone(
    database: Database, tenant: Tenancy, test_database: TestDatabase
) -> None:
    transfer = sale()
    await post(database, tenant, transfer)
    owner = await asyncpg.connect(**test_database.owner)
    try:
        with pytest.raises(asyncpg.CheckViolationError, match="do not sum to zero"):
            await owner.execute(
                "UPDATE ledger_postings SET amount_minor = amount_minor + 1 WHERE transfer_id = $1 AND line = 1",
                transfer.id,
            )
    finally:
        await owner.close()


async def test_a_commit_without_the_tenant_is_refused(database: Database, tenant: Tenancy) -> None:
    async def hide(tx: Transaction) -> None:
        tx.write(*ledger.post(tx, sale()))
        await tx.flush()
        await tx.connection.execute("SET LOCAL app.tenant_id = ''")

    with pytest.raises(asyncpg.CheckViolationError, match="or there are none"):
        await database.run(tenant, SYSTEM, hide)


async def test_a_posting_has_the_currency_and_the_tenant_of_its_account(
    database: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    await post(database, tenant, sale())
    await post(database, other_tenant, sale())
    for owner, currency in ((tenant, "EUR"), (other_tenant, "USD")):
        account = ledger.account_id(owner.id, AccountKind.ORDER_CLEARING, None, "USD")
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="account_id_currency"):
            async with database.begin(tenant, SYSTEM) as tx:
                await _raw_transfer(tx, [(100, currency)], account=account)


async def test_a_tenant_cannot_read_or_write_the_ledger_of_another(
    database: Database, tenant: Tenancy, other_tenant: Tenancy
) -> None:
    await post(database, tenant, sale())
    async with database.begin(other_tenant, SYSTEM) as tx:
        for table in ("ledger_accounts", "ledger_transfers", "ledger_postings", "ledger_v_postings"):
            assert await tx.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with database.begin(other_tenant, SYSTEM) as tx:
            await tx.connection.execute(
                "INSERT INTO ledger_transfers (tenant_id, id, cause, cause_id, posted_at)"
                " VALUES ($1, $2, 'x', $2, now())",
                tenant.id,
                uuid4(),
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_postings SET amount_minor = 1",
        "DELETE FROM ledger_postings",
        "UPDATE ledger_transfers SET cause = 'other'",
        "UPDATE ledger_transfers SET seal_number = 1",
        "DELETE FROM ledger_transfers",
        "UPDATE ledger_accounts SET owner_id = id",
        "TRUNCATE ledger_postings",
        "INSERT INTO ledger_transfers (id, cause, seal_number) VALUES (gen_random_uuid(), 'x', 1)",
    ],
)
async def test_the_application_cannot_change_delete_or_seal_transfers(
    database: Database, tenant: Tenancy, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.begin(tenant, SYSTEM) as tx:
            await tx.connection.execute(statement)


def _posting(transfer: Transfer) -> Callable[[Transaction], Awaitable[None]]:
    async def use_case(tx: Transaction) -> None:
        tx.write(*ledger.post(tx, transfer))

    return use_case


async def _raw_transfer(tx: Transaction, postings: list[tuple[int, str]], *, account: UUID | None = None) -> UUID:
    transfer_id = uuid4()
    await tx.connection.execute(
        "INSERT INTO ledger_transfers (tenant_id, id, cause, cause_id, posted_at) VALUES ($1, $2, 'raw', $2, now())",
        tx.tenant_id,
        transfer_id,
    )
    for line, (minor, currency) in enumerate(postings, start=1):
        await _raw_posting(tx, transfer_id, line=line, minor=minor, currency=currency, account=account)
    return transfer_id


async def _raw_posting(
    tx: Transaction, transfer_id: UUID, *, line: int, minor: int, currency: str, account: UUID | None = None
) -> None:
    account = account or ledger.account_id(tx.tenant_id, AccountKind.ORDER_CLEARING, None, currency)
    await tx.connection.execute(
        "INSERT INTO ledger_postings (tenant_id, transfer_id, line, account_id, currency, amount_minor)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        tx.tenant_id,
        transfer_id,
        line,
        account,
        currency,
        minor,
    )
