"""`luxewin prove`: check every invariant on the current data."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rich.console import Console

from luxewin.cli.database import open_database
from luxewin.installed import INVARIANT_CHECKS, installed_services
from luxewin.kit.invariants import Violation
from luxewin.kit.startup import StartupError
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation

console = Console(highlight=False)


async def prove_everything(installation: Installation, slug: str | None) -> bool:
    """Check every invariant, print the first row that violates each, and return whether all hold."""
    base_url = installation.settings.http.base_url
    async with (
        open_database(installation) as database,
        installed_services(installation, database, base_url=base_url) as services,
    ):
        tenant_id = await _tenant_id(services[Directory], slug)
        found = await INVARIANT_CHECKS.violations(services, tenant_id=tenant_id)
    report(found)
    return not found


def report(violations: Sequence[Violation]) -> None:
    """Print the violations, or the number of invariants that hold."""
    for violation in violations:
        console.print(f"[red]violated[/] {violation.statement}\n         {_format_row(violation.row)}", soft_wrap=True)
    if not violations:
        console.print(f"[green]{INVARIANT_CHECKS.count} invariants hold[/]")


async def _tenant_id(directory: Directory, slug: str | None) -> UUID | None:
    if slug is None:
        return None
    tenant = await directory.by_slug(slug)
    if tenant is None:
        raise StartupError(f"There is no tenant {slug}: give an existing slug, or omit --tenant for all tenants")
    return tenant.id


def _format_row(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in row.items())
