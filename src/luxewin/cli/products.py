"""`luxewin import` and `luxewin export`: the products of a tenant, from and to files."""

import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from luxewin.cli.database import open_database
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.startup import StartupError
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.text import counted
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import (
    Decimal,
    Delimiter,
    Encoding,
    Import,
    ImportFormat,
    ImportOptions,
    Outcome,
    Phase,
    ProductChange,
    Reading,
    ReadingOptions,
    RowError,
    RowNote,
)
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.workflows.export_catalog.workflow import export_products as export_chunks
from luxewin.workflows.import_catalog.workflow import ImportReport, Watch, import_file, undo_last_import

console = Console(highlight=False, stderr=True)
_PAGE = 500
_LONGEST_SAMPLE = 40
_PHASES = {
    Phase.CHECKING: "Checking the file",
    Phase.WRITING: "Writing products",
    Phase.UNDOING: "Undoing changes",
}


def format_of(file: Path | None, named: ImportFormat | None) -> ImportFormat:
    """Return the named format, or else the format of the file's name."""
    return named or ImportFormat.of_file(file.name if file else "")


def reading_options(
    mapping: Sequence[str],
    *,
    delimiter: str | None,
    encoding: str | None,
    decimal: str | None,
    image_base: str | None = None,
    weight_unit: str | None = None,
) -> ReadingOptions:
    """Return how a file is read, from the options of the command.

    Raises:
        StartupError: an option has no such value.
    """
    pairs = [text.rpartition("=") for text in mapping]
    if wrong := next((text for text, (column, _, _) in zip(mapping, pairs, strict=True) if not column), None):
        raise StartupError(f"--map {wrong} names no field: write COLUMN=FIELD")
    if encoding is not None and encoding.lower() not in set(Encoding):
        raise StartupError(f"The encoding {encoding} is unknown: use one of {', '.join(Encoding)}")
    if image_base is not None and not image_base.startswith(("http://", "https://")):
        raise StartupError(f"--image-base {image_base} is no address: write it like https://shop.example/media/")
    return ReadingOptions(
        mapping={column: field or None for column, _, field in pairs},
        delimiter=Delimiter(delimiter).character if delimiter else None,
        encoding=encoding.lower() if encoding else None,
        decimal=Decimal(decimal).character if decimal else None,
        image_base=image_base,
        weight_unit=weight_unit,
    )


async def import_products(installation: Installation, file: Path, slug: str | None, options: ImportOptions) -> bool:
    """Import products from a file and print the result; return whether all were imported.

    A dry run prints the changes to standard output, one line for each field.
    """
    async with open_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        with _progress() as watch:
            report = await import_file(database, tenant, file, options, watch=watch)
        if options.dry_run:
            async for change in _changes(database, tenant, report.import_id):
                for line in _lines(change):
                    print(line)
    _print_report(report, dry_run=options.dry_run)
    return report.failure is None and not report.error_count


async def undo_import(installation: Installation, slug: str | None) -> bool:
    """Undo the last import; return whether all of it was undone.

    Raises:
        StartupError: a later change would be lost, or there is nothing to undo.
    """
    async with open_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        try:
            with _progress() as watch:
                report = await undo_last_import(database, tenant, watch=watch)
        except DomainError as error:
            raise StartupError(error.detail) from error
    console.print(f"{counted(report.changed, 'product')} undone")
    _print_errors(report)
    return report.failure is None and not report.error_count


async def export_products(
    installation: Installation, file: Path | None, slug: str | None, file_format: ImportFormat
) -> None:
    """Write all products to a file, or to standard output; an existing file is replaced once the new one is complete.

    Raises:
        StartupError: the file cannot be written.
    """
    async with open_database(installation) as database:
        tenant = await named_tenant(installation, database, slug)
        chunks = export_chunks(database, tenant, SYSTEM, file_format)
        if file is None:
            async for chunk in chunks:
                sys.stdout.buffer.write(chunk)
            return
        try:
            draft = file.with_name(f".{file.name}.draft")
            with draft.open("wb") as output:
                async for chunk in chunks:
                    output.write(chunk)
            draft.replace(file)
        except OSError as error:
            raise StartupError(f"{file} cannot be written ({error.strerror}): choose another path") from error


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
    """Show a progress bar while the block runs."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[done]:,} read"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task(_PHASES[Phase.CHECKING], total=100, done=0)

        def watch(job: Import) -> None:
            bar.update(task, completed=job.percent, description=_PHASES[job.phase], done=job.done)

        yield watch


async def _changes(database: Database, tenant: Tenancy, import_id: UUID) -> AsyncIterator[ProductChange]:
    after = 0
    while True:
        read = partial(catalog_import.list_changes, import_id=import_id, outcome=None, after=after, limit=_PAGE)
        page = await database.run(tenant, SYSTEM, read)
        if not page:
            return
        for change in page:
            yield change
        after = page[-1].number


def _lines(change: ProductChange) -> Iterator[str]:
    signs = {Outcome.CREATED: "+", Outcome.CHANGED: "~", Outcome.UNCHANGED: "="}
    yield f"{signs[change.outcome]} {change.slug}"
    for field in change.fields:
        yield f"    {field.field}: {_text_of(field.before)} → {_text_of(field.after)}"


def _text_of(value: object) -> str:
    return "nothing" if value is None else orjson.dumps(value).decode()


def _print_report(report: ImportReport, *, dry_run: bool) -> None:
    if report.reading is not None and (dry_run or report.failure is not None):
        _print_reading(report.reading)
    if report.failure is None:
        would = "would be " if dry_run else ""
        outcomes = (
            f"{report.created:,} {would}created, {report.changed:,} {would}changed, {report.unchanged:,} unchanged"
        )
        left_out = f", {counted(report.error_count, 'error')}" if report.error_count else ""
        console.print(f"Products: {outcomes}{left_out}")
    else:
        written = counted(report.written, "product")
        console.print("Nothing was imported" if not report.written else f"{written} were imported before it failed")
    _print_errors(report)
    _print_findings("Note", report.notes, of=report.note_count)


def _print_reading(reading: Reading) -> None:
    """Print how the file is read: what was detected, and what each column holds, with a sample."""
    source = f" by {reading.platform}" if reading.platform else ""
    separator = f", separated by {reading.delimiter!r}" if reading.delimiter else ""
    console.print(
        f"{reading.contents.capitalize()}{source}, {reading.encoding}{separator}, decimals after {reading.decimal!r}"
    )
    table = Table("column", "field", "first row")
    for place, (name, field) in enumerate(zip(reading.header, reading.fields, strict=True)):
        cell = reading.sample[0][place] if reading.sample and place < len(reading.sample[0]) else ""
        table.add_row(escape(name), escape(field or "—"), escape(cell[:_LONGEST_SAMPLE]))
    console.print(table)


def _print_errors(report: ImportReport) -> None:
    if report.failure:
        console.print(report.failure, soft_wrap=True)
    _print_findings("Error", report.errors, of=report.error_count)


def _print_findings(kind: str, findings: Sequence[RowError | RowNote], *, of: int) -> None:
    for each in findings:
        place = f"line {each.line}" + (f", {each.column}" if each.column else "")
        console.print(f"{kind}, {place}: {each.message}", soft_wrap=True, markup=False)
    if of > len(findings):
        console.print(f"… and {counted(of - len(findings), f'more {kind.lower()}')}")
