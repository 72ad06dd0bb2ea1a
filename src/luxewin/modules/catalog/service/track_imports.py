"""Keeping track of imports: queued by a request, worked on by one worker at a time, readable throughout."""

from collections.abc import AsyncIterable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.imports import (
    Counts,
    Import,
    ImportFormat,
    ImportStatus,
    OnError,
    Outcome,
    Phase,
    ProductChange,
    StockPolicy,
    StoredError,
)
from luxewin.modules.catalog.domain.shopify_csv import COLUMNS, NotAProductFile, limits
from luxewin.modules.catalog.errors import ImportUnknown
from luxewin.modules.catalog.repository import import_changes
from luxewin.modules.catalog.repository import imports as repository
from luxewin.modules.catalog.repository.sending import flush
from luxewin.modules.catalog.service.import_products import Batch

PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What shall be done with a file."""

    format: ImportFormat = ImportFormat.SHOPIFY_CSV
    dry_run: bool = False
    stock: StockPolicy = StockPolicy.KEEP
    on_error: OnError = OnError.ABORT


async def queue_import(tx: Transaction, pieces: AsyncIterable[bytes], *, file_name: str, handling: Handling) -> Import:
    """Keep a product file, piece by piece, until a worker has brought it in, and wake one."""
    queued = new_import(file_name, handling, at=await tx.now())
    tx.write(repository.add(tx, queued))
    number, size = 0, 0
    async for piece in pieces:
        await tx.flush()
        tx.write(repository.add_piece(tx, queued.id, number=number, content=piece))
        number, size = number + 1, size + len(piece)
    tx.audit(
        "catalog.import_queued",
        target=queued.id,
        after={
            "file_name": file_name,
            "format": handling.format,
            "bytes": size,
            "dry_run": handling.dry_run,
            "stock": handling.stock,
            "on_error": handling.on_error,
        },
    )
    await repository.wake_workers(tx)
    return queued


def new_import(file_name: str, handling: Handling, *, at: datetime, undoes: UUID | None = None) -> Import:
    """Return an import that nobody has begun."""
    return Import(
        id=new_id(),
        format=handling.format,
        file_name=file_name,
        dry_run=handling.dry_run,
        stock=handling.stock,
        on_error=handling.on_error,
        status=ImportStatus.QUEUED,
        phase=Phase.CHECKING if undoes is None else Phase.TAKING_BACK,
        percent=0,
        done=0,
        total=None,
        counts=Counts(),
        note=None,
        failure=None,
        created_at=at,
        started_at=None,
        finished_at=None,
        undoes=undoes,
        undone_by=None,
        version=1,
    )


async def find_import(tx: Transaction, import_id: UUID) -> Import:
    """Return an import.

    Raises:
        ImportUnknown: there is none.
    """
    found = await repository.find(tx, import_id)
    if found is None:
        raise ImportUnknown
    return found


async def list_imports(tx: Transaction, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Import]:
    """Return a page of imports, the newest first."""
    return await repository.page(tx, before=before, limit=limit)


async def list_errors(tx: Transaction, import_id: UUID, *, after: int, limit: int) -> list[StoredError]:
    """Return a page of an import's row errors, in the order in which they were found."""
    found = await find_import(tx, import_id)
    return await repository.errors(tx, found.id, after=after, limit=limit)


async def list_changes(
    tx: Transaction, import_id: UUID, *, outcome: Outcome | None, after: int, limit: int
) -> list[ProductChange]:
    """Return a page of what becomes of an import's products, in the file's order."""
    found = await find_import(tx, import_id)
    return await import_changes.page(tx, found.id, outcome=outcome, after=after, limit=limit)


async def take_import(tx: Transaction, import_id: UUID | None = None) -> Import | None:
    """Take up the import named, or the oldest one, that nobody works on or that a worker has left behind.

    None where there is none.
    """
    due = await repository.next_due(tx, import_id)
    if due is None:
        return None
    tx.write(repository.begin(tx, due))
    return replace(due, status=ImportStatus.RUNNING, version=due.version + 1)


async def piece_of(tx: Transaction, job: Import, number: int) -> bytes | None:
    """Return a piece of the import's file, counted from zero; None behind its end."""
    return await repository.piece(tx, job.id, number)


async def begin_writing(tx: Transaction, job: Import, *, note: str | None, unknown_columns: Collection[str]) -> Import:
    """Go over from looking through the file to writing, and remember the columns that an export shall give back.

    Raises:
        NotAProductFile: with these columns an export would have more than a file may.
        ImportTakenOver: another worker has it.
    """
    known = await repository.sheet_columns(tx)
    new = [name for name in unknown_columns if name not in known]
    if len(known) + len(new) + len(COLUMNS) > limits.MAX_COLUMNS:
        raise NotAProductFile("With this file's columns an export would have too many", reason="too_many_columns")
    if new and not job.dry_run:
        tx.write(repository.add_sheet_columns(tx, new))
    return await enter_phase(tx, job, Phase.WRITING, total=job.done, note=note)


async def enter_phase(
    tx: Transaction, job: Import, phase: Phase, *, total: int | None, note: str | None = None
) -> Import:
    """Begin a phase, of which nothing is done yet.

    Raises:
        ImportTakenOver: another worker has it.
    """
    tx.write(repository.enter_phase(tx, job, phase, total=total, note=note))
    await flush(tx)
    return replace(job, phase=phase, total=total, note=note or job.note, done=0, version=job.version + 1)


async def advance_import(tx: Transaction, job: Import, *, entries: int, percent: int, batch: Batch) -> Import:
    """Note how far the import is, in the transaction that took it there.

    Raises:
        ImportTakenOver: another worker has it; the transaction must not commit.
    """
    counts = batch.counts
    if job.only_checks and not job.dry_run:
        counts = Counts(errors=counts.errors)
    tx.write(repository.note_progress(tx, job, entries=entries, percent=percent, counts=counts))
    tx.write(*repository.add_errors(tx, job, batch.errors), *import_changes.add(tx, job, batch.changes))
    await flush(tx)
    return replace(
        job,
        done=job.done + entries,
        percent=max(percent, job.percent),
        counts=job.counts + counts,
        version=job.version + 1,
    )


async def finish_import(
    tx: Transaction, job: Import, *, note: str | None = None, failure: DomainError | None = None
) -> Import:
    """End an import and let go of its file; with a failure, the file as such could not be brought in.

    Raises:
        ImportTakenOver: another worker has it.
    """
    status = ImportStatus.COMPLETED_WITH_ERRORS if job.counts.errors else ImportStatus.COMPLETED
    told: dict[str, Any] | None = None
    if failure is not None:
        status = ImportStatus.FAILED
        told = {"reason": None, "line": None, **failure.facts, "code": failure.code, "message": failure.detail}
    tx.write(*repository.finish(tx, job, status, note=note, failure=told))
    if job.written:
        tx.write(import_changes.forget_old(tx, job))
    tx.audit(
        "catalog.import_finished",
        target=job.id,
        after={
            "undoes": job.undoes,
            "status": status,
            "dry_run": job.dry_run,
            "created": job.counts.created,
            "changed": job.counts.changed,
            "unchanged": job.counts.unchanged,
            "errors": job.counts.errors,
        },
    )
    await flush(tx)
    return replace(job, status=status, failure=told, version=job.version + 1)
