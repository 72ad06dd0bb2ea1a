"""Currencies never mix, not even if the amounts add up."""

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind
from tests.modules.ledger.transfers import post, sale


async def test_the_database_itself_refuses_another_currency_on_an_account_even_in_balance(
    database: Database, tenant: Tenancy
) -> None:
    await post(database, tenant, sale())
    dollars = ledger.account_id(tenant.id, AccountKind.ORDER_CLEARING, None, "USD")
    async with database.begin(tenant, SYSTEM) as tx:
        transfer = await tx.fetchval(
            "INSERT INTO ledger_transfers (tenant_id, id, cause, cause_id, posted_at)"
            " VALUES ($1, $2, 'raw', $2, now()) RETURNING id",
            tenant.id,
            new_id(),
        )
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="account_id_currency"):
            await tx.connection.execute(
                "INSERT INTO ledger_postings (tenant_id, transfer_id, line, account_id, currency, amount_minor)"
                " VALUES ($1, $2, 1, $3, 'EUR', 100), ($1, $2, 2, $3, 'EUR', -100)",
                tenant.id,
                transfer,
                dollars,
            )
