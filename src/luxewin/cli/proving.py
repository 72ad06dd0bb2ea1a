"""`luxewin prove`: check every invariant on the current data."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rich.console import Console

from luxewin.cli.database import open_database
from luxewin.kit.database import Database
from luxewin.kit.invariants import Violation
from luxewin.kit.startup import StartupError
from luxewin.modules.payments.public import open_gateways
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.workflows.prove_invariants.workflow import all_breaches, number_of_laws

console = Console(highlight=False)


async def prove_everything(installation: Installation, slug: str | None) -> bool:
    """Check every invariant, print the first row that violates each, and return whether all hold."""
    async with open_database(installation) as database, open_gateways(installation) as gateways:
        tenant_id = await _tenant_id(database, slug)
        found = await all_breaches(database, gateways.offered, tenant_id=tenant_id)
    report(found)
    return not found


def report(found: Sequence[Violation]) -> None:
    """Print the violations, or the number of invariants that hold."""
    for violation in found:
        console.print(f"[red]violated[/] {violation.promise}\n         {_joined(violation.row)}", soft_wrap=True)
    if not found:
        console.print(f"[green]{number_of_laws()} invariants hold[/]")


async def _tenant_id(database: Database, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    tenant = await Directory(database).by_slug(slug)
    if tenant is None:
        raise StartupError(f"There is no tenant {slug}: give an existing slug, or omit --tenant for all tenants")
    return tenant.id


def _joined(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in row.items())
