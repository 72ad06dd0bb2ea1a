"""How a product file is brought in: queued by a request or a command, worked on by whoever takes it up.

The file is read twice. First it is looked through, and nothing is written: where one fault means that nothing comes in,
that is decided here. Then its products are written in batches. Each batch is one transaction, which also notes how far
the import is; a worker that dies is followed by another one, which goes on after the last batch.
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
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import (
    WORK_CHANNEL,
    Handling,
    Import,
    ImportBroken,
    ImportStatus,
    ImportTakenOver,
    RowError,
)
from luxewin.workflows.import_catalog.working import Work

__all__ = ["WORK_CHANNEL", "ImportReport", "import_file", "run_due_imports", "undo_last_import"]

T = TypeVar("T")
Watch = Callable[[Import], None]
"""Told of an import each time it has got on."""

MOST_ERRORS_REPORTED = 100
PASSING = (Unavailable, Contended, ImportTakenOver)
"""What stands in the way now, and is no fault of the file."""

_IMPORTS = Counter("luxewin_imports", "Product files that were brought in by outcome", ["outcome"])
log = structlog.get_logger("imports")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file: counts of products, and the first errors in the file's order."""

    import_id: UUID
    status: ImportStatus
    created: int
    changed: int
    unchanged: int
    error_count: int
    errors: tuple[RowError, ...]
    note: str | None
    failure: str | None


async def import_file(
    database: Database,
    tenant: Tenancy,
    path: Path,
    handling: Handling,
    *,
    watch: Watch = lambda _job: None,
) -> ImportReport:
    """Bring in a file of this machine at once, and tell what became of it."""

    async def queue(tx: Transaction) -> Import:
        return await catalog.queue_import(tx, _pieces(path), file_name=path.name, handling=handling)

    return await _at_once(database, tenant, queue, watch)


async def undo_last_import(database: Database, tenant: Tenancy, *, watch: Watch = lambda _job: None) -> ImportReport:
    """Take the last import back at once.

    Raises:
        ImportNotUndoable: something would be lost, or there is nothing to take back.
    """

    async def queue(tx: Transaction) -> Import:
        return await catalog.queue_undo(tx, await catalog.last_import(tx))

    return await _at_once(database, tenant, queue, watch)


async def run_due_imports(database: Database, tenant: Tenancy) -> int:
    """Bring in all of the tenant's files that wait, or that a worker has left behind; return how many."""
    brought_in = 0
    while (job := await database.run(tenant, SYSTEM, catalog.take_import)) is not None:
        with suppress(ImportTakenOver):
            await _bring_in(database, tenant, job)
        brought_in += 1
    return brought_in


async def _at_once(
    database: Database, tenant: Tenancy, queue: Callable[[Transaction], Awaitable[Import]], watch: Watch
) -> ImportReport:
    async def queue_and_take(tx: Transaction) -> Import:
        queued = await queue(tx)
        await tx.flush()
        taken = await catalog.take_import(tx, queued.id)
        assert taken is not None, "nobody else has seen it yet"
        return taken

    job = await database.run(tenant, SYSTEM, queue_and_take)
    await _bring_in(database, tenant, job, watch)
    return await database.run(tenant, SYSTEM, partial(_report, import_id=job.id))


async def _bring_in(database: Database, tenant: Tenancy, job: Import, watch: Watch = lambda _job: None) -> None:
    """Do the work of an import that was taken up, to its end.

    Raises:
        ImportTakenOver: another worker has it by now.
        Unavailable, Contended, or any lost race: not now; the import is taken up again when the lease is over.
    """
    work = Work(database, tenant, job, watch)
    try:
        await work.to_the_end()
    except DomainError as error:
        if error.retriable or isinstance(error, PASSING):
            raise
        await work.fail(error)
    except Exception:
        log.exception("an import stumbled", import_id=str(job.id), tenant=tenant.slug)
        await work.fail(ImportBroken())
    _IMPORTS.labels("failed" if work.job.status is ImportStatus.FAILED else "finished").inc()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, catalog.PIECE_BYTES):
            yield piece


async def _report(tx: Transaction, import_id: UUID) -> ImportReport:
    done = await catalog.find_import(tx, import_id)
    errors = await catalog.list_errors(tx, import_id, after=0, limit=MOST_ERRORS_REPORTED)
    return ImportReport(
        import_id=import_id,
        status=done.status,
        created=done.counts.created,
        changed=done.counts.changed,
        unchanged=done.counts.unchanged,
        error_count=done.counts.errors,
        errors=tuple(stored.error for stored in errors),
        note=done.note,
        failure=done.failure["message"] if done.failure else None,
    )
