"""`luxewin prove`: every law that concerns what exists, on the data as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from rich.console import Console

from luxewin.cli.at_hand import opened_database
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.installation import Installation
from luxewin.kit.laws import KIT_LAWS, Breach, Check, Laws, breaches, chain_is_whole
from luxewin.kit.sealing import AUDIT_CHAIN
from luxewin.kit.startup import StartupRefused
from luxewin.modules.identity import public as identity
from luxewin.modules.inventory import public as inventory
from luxewin.modules.ledger import public as ledger
from luxewin.modules.orders import public as orders
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Gateways, open_gateways
from luxewin.modules.tenants.public import Directory

LAWS: Laws = {
    **ledger.LAWS,
    **payments.LAWS,
    **orders.LAWS,
    **inventory.LAWS,
    **identity.LAWS,
    **KIT_LAWS,
}
CHECKS: Sequence[Check] = (chain_is_whole(AUDIT_CHAIN), chain_is_whole(ledger.TRANSFERS))

console = Console(highlight=False)


async def prove_everything(installation: Installation, slug: str | None) -> bool:
    """Check every law, name the first row of each that does not hold; tell whether all held."""
    async with opened_database(installation) as database, open_gateways(installation) as gateways:
        tenant_id = await _tenant_id(database, slug)
        found = await all_breaches(database, gateways.offered, tenant_id=tenant_id)
    for breach in found:
        console.print(f"[red]broken[/] {breach.promise}\n       {_told(breach.row)}", soft_wrap=True)
    if not found:
        console.print(f"[green]{len(LAWS) + len(CHECKS) + 1} laws hold[/]")
    return not found


async def all_breaches(database: Database, gateways: Gateways, *, tenant_id: UUID | None = None) -> list[Breach]:
    """Return the first row of each law that does not hold; nothing, when all hold."""
    found = await breaches(database, LAWS, tenant_id=tenant_id)
    for check in CHECKS:
        found += await check(database)
    return found + await _disagreements(database, gateways)


async def _disagreements(database: Database, gateways: Gateways) -> list[Breach]:
    """Compare every gateway's own books with the clearing accounts."""
    found = []
    for tenant in await Directory(database).all():
        for name in gateways:
            books = await gateways.named(name).report(str(tenant.id))
            async with database.begin(tenant, SYSTEM) as tx:
                disagreements = await payments.disagreements_with(tx, name, books)
            found += [
                Breach(f"The books of {name} equal our clearing account", {"tenant": tenant.slug, **asdict(row)})
                for row in disagreements
            ]
    return found


async def _tenant_id(database: Database, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    tenant = await Directory(database).by_slug(slug)
    if tenant is None:
        raise StartupRefused(f"There is no tenant {slug}: name one that exists, or none for all")
    return tenant.id


def _told(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in row.items())
