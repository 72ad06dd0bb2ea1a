"""`luxewin import` and `luxewin export`: products of a tenant, in and out."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from luxewin.cli.database import open_database
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.startup import StartupError
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import Handling, Import, ImportFormat, Outcome, Phase, ProductChange
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.workflows.import_catalog.exporting import export_products
from luxewin.workflows.import_catalog.workflow import ImportReport, Watch, import_file, undo_last_import

console = Console(highlight=False, stderr=True)
_LINES_SUFFIXES = {".jsonl", ".ndjson"}
_PAGE = 500
_DOING = {
    Phase.CHECKING: "Looking through the file",
    Phase.WRITING: "Writing products",
    Phase.TAKING_BACK: "Taking products back",
}


def format_of(file: Path | None, named: ImportFormat | None) -> ImportFormat:
    """Return the format that was named, or else the one that the file's name ends with."""
    if named is not None:
        return named
    return ImportFormat.JSONL if file and file.suffix.lower() in _LINES_SUFFIXES else ImportFormat.SHOPIFY_CSV


async def bring_in(installation: Installation, file: Path, slug: str | None, handling: Handling) -> bool:
    """Bring products in from a file and tell what became of them; tell whether all came in.

    Of a dry run the difference goes to standard output, a line a field.
    """
    async with open_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        with _progress() as watch:
            report = await import_file(database, tenant, file, handling, watch=watch)
        if handling.dry_run:
            async for change in _changes(database, tenant, report.import_id):
                for line in _lines_of(change):
                    print(line)
    _report(report, dry_run=handling.dry_run)
    return report.failure is None and not report.error_count


async def undo(installation: Installation, slug: str | None) -> bool:
    """Take the last import back; tell whether all of it stands no longer.

    Raises:
        StartupError: something would be lost, or there is nothing to take back.
    """
    async with open_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        try:
            with _progress() as watch:
                report = await undo_last_import(database, tenant, watch=watch)
        except DomainError as error:
            raise StartupError(error.detail) from error
    console.print(f"{report.changed} taken back")
    _tell_errors(report)
    return report.failure is None and not report.error_count


async def take_out(installation: Installation, file: Path | None, slug: str | None, file_format: ImportFormat) -> None:
    """Write all products to a file, or to standard output; a file that was there stays until the new one is whole.

    Raises:
        StartupError: the file cannot be written.
    """
    async with open_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        pieces = export_products(database, tenant, SYSTEM, file_format)
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
            raise StartupError(f"{file} cannot be written ({error.strerror}): name another place") from error


async def named_tenant(installation: Installation, database: Database, slug: str | None) -> Tenancy:
    """Return the tenant of this slug, or the default one.

    Raises:
        StartupError: there is none.
    """
    wanted = slug or installation.settings.default_tenant
    tenant = await Directory(database).by_slug(wanted)
    if tenant is None:
        raise StartupError(f"There is no tenant {wanted}: name one that exists with --tenant")
    return tenant


@contextmanager
def _progress() -> Iterator[Watch]:
    """Show a bar that whoever works moves on."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[done]:,} products"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(_DOING[Phase.CHECKING], total=100, done=0)

        def watch(job: Import) -> None:
            bar.update(task, completed=job.percent, description=_DOING[job.phase], done=job.done)

        yield watch


async def _changes(database: Database, tenant: Tenancy, import_id: UUID) -> AsyncIterator[ProductChange]:
    after = 0
    while True:
        ask = partial(catalog.list_changes, import_id=import_id, outcome=None, after=after, limit=_PAGE)
        page = await database.run(tenant, SYSTEM, ask)
        if not page:
            return
        for change in page:
            yield change
        after = page[-1].number


def _lines_of(change: ProductChange) -> Iterator[str]:
    marks = {Outcome.CREATED: "+", Outcome.CHANGED: "~", Outcome.UNCHANGED: "="}
    yield f"{marks[change.outcome]} {change.slug}"
    for field in change.fields:
        yield f"    {field.field}: {_shown(field.before)} → {_shown(field.after)}"


def _shown(value: object) -> str:
    return "nothing" if value is None else orjson.dumps(value).decode()


def _report(report: ImportReport, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    console.print(f"{report.created} {would}created, {report.changed} {would}changed, {report.unchanged} unchanged")
    _tell_errors(report)


def _tell_errors(report: ImportReport) -> None:
    for line in (report.note, report.failure):
        if line:
            console.print(line, soft_wrap=True)
    for error in report.errors:
        console.print(f"line {error.line}, {error.column or 'the row'}: {error.message}", soft_wrap=True)
    if report.error_count > len(report.errors):
        console.print(f"… and {report.error_count - len(report.errors)} more errors")
