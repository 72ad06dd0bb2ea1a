"""`luxewin import` and `luxewin export`: products of a tenant, in and out."""

import sys
from pathlib import Path

from rich.console import Console

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.installation import Installation
from luxewin.kit.postgres import database_server
from luxewin.kit.startup import StartupRefused
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog.public import StockPolicy
from luxewin.modules.tenants.public import Directory
from luxewin.workflows.import_catalog.story import ImportReport, export_products, import_file

console = Console(highlight=False, stderr=True)


async def bring_in(
    installation: Installation, file: Path, slug: str | None, *, dry_run: bool, stock: StockPolicy
) -> bool:
    """Bring products in from a file and tell what became of them; tell whether all came in."""
    async with database_server(installation.settings, installation.secrets, tell=console.print, join=True):
        database = await installation.open_database()
        try:
            tenant = await named_tenant(installation, database, slug)
            with console.status(f"Bringing {file.name} into {tenant.slug}"):
                report = await import_file(database, tenant, file, dry_run=dry_run, stock=stock)
        finally:
            await database.close()
    _tell(report, dry_run=dry_run)
    return report.failure is None and not report.error_count


async def take_out(installation: Installation, file: Path | None, slug: str | None) -> None:
    """Write all products to a file, or to standard output."""
    async with database_server(installation.settings, installation.secrets, tell=console.print, join=True):
        database = await installation.open_database()
        try:
            tenant = await named_tenant(installation, database, slug)
            with sys.stdout.buffer if file is None else file.open("wb") as output:
                async for piece in export_products(database, tenant, SYSTEM):
                    output.write(piece)
        finally:
            await database.close()


async def named_tenant(installation: Installation, database: Database, slug: str | None) -> Tenancy:
    """Return the tenant of this slug, or the default one.

    Raises:
        StartupRefused: there is none.
    """
    wanted = slug or installation.settings.default_tenant
    tenant = await Directory(database).by_slug(wanted)
    if tenant is None:
        raise StartupRefused(f"There is no tenant {wanted}: name one that exists with --tenant")
    return tenant


def _tell(report: ImportReport, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    console.print(f"{report.created} {would}created, {report.changed} {would}changed, {report.unchanged} unchanged")
    for line in (report.note, report.failure):
        if line:
            console.print(line, soft_wrap=True)
    for error in report.errors:
        console.print(f"line {error.line}, {error.column or 'the row'}: {error.message}", soft_wrap=True)
    if report.error_count > len(report.errors):
        console.print(f"… and {report.error_count - len(report.errors)} more errors")
