"""`luxewin import` and `luxewin export`: products of a tenant, in and out."""

import sys
from pathlib import Path

from rich.console import Console

from luxewin.cli.at_hand import opened_database
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.installation import Installation
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
    async with opened_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        with console.status(f"Bringing {file.name} into {tenant.slug}"):
            report = await import_file(database, tenant, file, dry_run=dry_run, stock=stock)
    _tell(report, dry_run=dry_run)
    return report.failure is None and not report.error_count


async def take_out(installation: Installation, file: Path | None, slug: str | None) -> None:
    """Write all products to a file, or to standard output; a file that was there stays until the new one is whole.

    Raises:
        StartupRefused: the file cannot be written.
    """
    async with opened_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        pieces = export_products(database, tenant, SYSTEM)
        if file is None:
            async for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        try:
            draft = file.with_name(f".{file.name}.draft")
            with draft.open("wb") as output:
                async for piece in pieces:
                    output.write(piece)
            draft.replace(file)
        except OSError as error:
            raise StartupRefused(f"{file} cannot be written ({error.strerror}): name another place") from error


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
