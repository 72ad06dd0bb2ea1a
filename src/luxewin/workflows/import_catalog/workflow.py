"""Imports of product files: queued by a request or a command, and run by the worker that claims them.

The file is read twice. First it is checked, and nothing is written; with `on_error=abort` one error ends the import at
this point. Then its products are written in batches. Each batch is one transaction, which also stores the progress: if
a worker dies, another one continues after the last batch.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Contended, DomainError, Unavailable
from luxewin.kit.observability.instruments import Counter
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import (
    WORK_CHANNEL,
    Import,
    ImportBroken,
    ImportOptions,
    ImportStatus,
    ImportTakenOver,
    Reading,
    RowError,
    RowNote,
)
from luxewin.workflows.import_catalog.run import ImportRun

__all__ = ["WORK_CHANNEL", "ImportReport", "import_file", "run_due_import", "run_due_imports", "undo_last_import"]

T = TypeVar("T")
Watch = Callable[[Import], None]
"""Called with an import after each step of its progress."""

MOST_ERRORS_REPORTED = 100
PASSING = (Unavailable, Contended, ImportTakenOver)
"""Temporary errors that are not caused by the file."""

_IMPORTS = Counter("luxewin_imports", "Imported product files by outcome", ["outcome"])
log = structlog.get_logger("imports")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import: counts of products, and the first errors and notes in the file's order.

    `written` products were written; after a failure that was undone there are none.
    """

    import_id: UUID
    status: ImportStatus
    created: int
    changed: int
    unchanged: int
    error_count: int
    errors: tuple[RowError, ...]
    note_count: int
    notes: tuple[RowNote, ...]
    note: str | None
    failure: str | None
    reading: Reading | None
    written: int


async def import_file(
    database: Database,
    tenant: Tenancy,
    path: Path,
    options: ImportOptions,
    *,
    watch: Watch = lambda _job: None,
) -> ImportReport:
    """Import a local file now, and return the result."""

    async def queue(tx: Transaction) -> Import:
        return await catalog_import.queue_import(tx, _chunks(path), file_name=path.name, options=options)

    return await _run_now(database, tenant, queue, watch)


async def undo_last_import(database: Database, tenant: Tenancy, *, watch: Watch = lambda _job: None) -> ImportReport:
    """Undo the last import at once.

    Raises:
        ImportNotUndoable: a later change would be lost, or there is nothing to undo.
    """

    async def queue(tx: Transaction) -> Import:
        return await catalog_import.queue_undo(tx, await catalog_import.last_import(tx))

    return await _run_now(database, tenant, queue, watch)


async def run_due_imports(database: Database, tenant: Tenancy) -> int:
    """Run all of the tenant's imports that are queued or were left by a dead worker; return their number."""
    done = 0
    while await run_due_import(database, tenant):
        done += 1
    return done


async def run_due_import(database: Database, tenant: Tenancy) -> bool:
    """Run the tenant's oldest import that is queued or was left by a dead worker; return whether there was one."""
    job = await database.run(tenant, SYSTEM, catalog_import.claim_import)
    if job is None:
        return False
    with suppress(ImportTakenOver):
        await _run(database, tenant, job)
    return True


async def _run_now(
    database: Database, tenant: Tenancy, queue: Callable[[Transaction], Awaitable[Import]], watch: Watch
) -> ImportReport:
    async def queue_and_claim(tx: Transaction) -> Import:
        queued = await queue(tx)
        await tx.flush()
        claimed = await catalog_import.claim_import(tx, queued.id)
        assert claimed is not None, "no other transaction has seen it yet"
        return claimed

    job = await database.run(tenant, SYSTEM, queue_and_claim)
    await _run(database, tenant, job, watch)
    return await database.run(tenant, SYSTEM, partial(_report, import_id=job.id))


async def _run(database: Database, tenant: Tenancy, job: Import, watch: Watch = lambda _job: None) -> None:
    """Run an import that this worker has claimed, to its end.

    Raises:
        ImportTakenOver: another worker has claimed it meanwhile.
        Unavailable, Contended, or another retriable error: the import is claimed again when its lease has expired.
    """
    run = ImportRun(database, tenant, job, watch)
    try:
        await run.run()
    except DomainError as error:
        if error.retriable or isinstance(error, PASSING):
            raise
        await run.fail(error)
    except Exception:
        log.exception("an import failed", import_id=str(job.id), tenant=tenant.slug)
        await run.fail(ImportBroken())
    _IMPORTS.labels("failed" if run.job.status is ImportStatus.FAILED else "finished").inc()


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, catalog_import.CHUNK_BYTES):
            yield chunk


async def _report(tx: Transaction, import_id: UUID) -> ImportReport:
    done = await catalog_import.find_import(tx, import_id)
    errors = await catalog_import.list_errors(tx, import_id, after=0, limit=MOST_ERRORS_REPORTED)
    notes = await catalog_import.list_notes(tx, import_id, after=0, limit=MOST_ERRORS_REPORTED)
    return ImportReport(
        import_id=import_id,
        status=done.status,
        created=done.counts.created,
        changed=done.counts.changed,
        unchanged=done.counts.unchanged,
        error_count=done.counts.errors,
        errors=tuple(stored.error for stored in errors),
        note_count=done.counts.notes,
        notes=tuple(stored.note for stored in notes),
        note=done.note,
        reading=done.reading,
        written=0 if done.dry_run else done.written,
        failure=done.failure["message"] if done.failure else None,
    )
