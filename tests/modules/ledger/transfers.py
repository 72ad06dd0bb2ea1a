"""Transfers of sales, posted by tests."""

from uuid import UUID

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer

USD_100 = Money(100, "USD")


def sale(amount: Money = USD_100, cause_id: UUID | None = None) -> Transfer:
    """Return the settlement of an order of this amount."""
    entries = (Entry(AccountKind.ORDER_CLEARING, None, amount), Entry(AccountKind.OWN_SALES, None, -amount))
    return Transfer.caused_by("order_settled", cause_id or new_id(), entries)


async def post(database: Database, tenant: Tenancy, *transfers: Transfer) -> None:
    """Post transfers in a transaction of their own."""
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(*ledger.post(tx, *transfers))


async def clearing(database: Database, tenant: Tenancy, currency: str = "USD") -> int:
    """Return the balance of order clearing."""
    async with database.begin(tenant, SYSTEM) as tx:
        return (await ledger.balance(tx, AccountKind.ORDER_CLEARING, None, currency)).minor
