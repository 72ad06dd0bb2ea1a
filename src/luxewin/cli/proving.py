"""`luxewin prove`: checks every invariant on the data as it is."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rich.console import Console

from luxewin.cli.at_hand import opened_database
from luxewin.installed import PROOFS, installed_services
from luxewin.kit.invariants import Violation
from luxewin.kit.startup import StartupError
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation

console = Console(highlight=False)


async def prove_everything(installation: Installation, slug: str | None) -> bool:
    """Check every invariant, print the first row that violates each, and return whether all hold."""
    async with (
        opened_database(installation) as database,
        installed_services(installation, database, base_url=installation.settings.http.base_url) as services,
    ):
        tenant_id = await _tenant_id(services[Directory], slug)
        found = await PROOFS.violations(services, tenant_id=tenant_id)
    tell(found)
    return not found


def tell(found: Sequence[Violation]) -> None:
    """Print the violations, or that every invariant holds."""
    for violation in found:
        console.print(f"[red]violated[/] {violation.promise}\n       {_told(violation.row)}", soft_wrap=True)
    if not found:
        console.print(f"[green]{PROOFS.count} invariants hold[/]")


async def _tenant_id(directory: Directory, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    tenant = await directory.by_slug(slug)
    if tenant is None:
        raise StartupError(f"There is no tenant {slug}: name one that exists, or none for all")
    return tenant.id


def _told(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in row.items())
