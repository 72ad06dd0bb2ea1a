"""Tracking imports: queued by a request, run by one worker at a time, readable at any time."""

from collections.abc import AsyncIterable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import flush
from luxewin.modules.catalog_import.domain.csv_files import ReadingOptions
from luxewin.modules.catalog_import.domain.imports import (
    Counts,
    DuplicateSku,
    Import,
    ImportFormat,
    ImportStatus,
    OnError,
    Outcome,
    Phase,
    ProductChange,
    Reading,
    StockPolicy,
    StoredError,
    StoredNote,
    VariantPolicy,
)
from luxewin.modules.catalog_import.domain.shopify_csv import COLUMNS, NotAProductFile, limits
from luxewin.modules.catalog_import.errors import ImportUnknown
from luxewin.modules.catalog_import.repository import import_changes
from luxewin.modules.catalog_import.repository import imports as repository
from luxewin.modules.catalog_import.service.import_products import ImportedBatch

CHUNK_BYTES = 1 << 20
"""The size of the chunks in which an uploaded file is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The options of an import."""

    format: ImportFormat = ImportFormat.SHOPIFY_CSV
    dry_run: bool = False
    stock: StockPolicy = StockPolicy.KEEP
    on_error: OnError = OnError.ABORT
    variants: VariantPolicy = VariantPolicy.KEEP
    on_duplicate_sku: DuplicateSku = DuplicateSku.CLEAR
    reading: ReadingOptions = field(default_factory=ReadingOptions)


async def queue_import(
    tx: Transaction, chunks: AsyncIterable[bytes], *, file_name: str, options: ImportOptions
) -> Import:
    """Store a product file, chunk by chunk, queue its import, and wake a worker."""
    queued = new_import(file_name, options, at=await tx.now())
    tx.write(repository.add(tx, queued))
    number, size = 0, 0
    async for chunk in chunks:
        await tx.flush()
        tx.write(repository.add_chunk(tx, queued.id, number=number, content=chunk))
        number, size = number + 1, size + len(chunk)
    tx.audit(
        "catalog.import_queued",
        target=queued.id,
        after={
            "file_name": file_name,
            "format": options.format,
            "bytes": size,
            "dry_run": options.dry_run,
            "stock": options.stock,
            "on_error": options.on_error,
            "variants": options.variants,
            "on_duplicate_sku": options.on_duplicate_sku,
        },
    )
    await repository.notify_workers(tx)
    return queued


def new_import(file_name: str, options: ImportOptions, *, at: datetime, undoes: UUID | None = None) -> Import:
    """Return a queued import."""
    return Import(
        id=new_id(),
        format=options.format,
        file_name=file_name,
        dry_run=options.dry_run,
        stock=options.stock,
        on_error=options.on_error,
        status=ImportStatus.QUEUED,
        phase=Phase.CHECKING if undoes is None else Phase.UNDOING,
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
        variants=options.variants,
        on_duplicate_sku=options.on_duplicate_sku,
        reading_options=options.reading,
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


async def list_notes(tx: Transaction, import_id: UUID, *, after: int, limit: int) -> list[StoredNote]:
    """Return a page of an import's notes, in the order in which they were made."""
    found = await find_import(tx, import_id)
    return await repository.notes(tx, found.id, after=after, limit=limit)


async def list_changes(
    tx: Transaction, import_id: UUID, *, outcome: Outcome | None, after: int, limit: int
) -> list[ProductChange]:
    """Return a page of an import's changes, in the file's order."""
    found = await find_import(tx, import_id)
    return await import_changes.page(tx, found.id, outcome=outcome, after=after, limit=limit)


async def claim_import(tx: Transaction, import_id: UUID | None = None) -> Import | None:
    """Claim the import with this id, or the oldest one, that is queued or whose worker's lease has expired.

    Returns None if there is no such import.
    """
    due = await repository.next_due(tx, import_id)
    if due is None:
        return None
    tx.write(repository.begin(tx, due))
    return replace(due, status=ImportStatus.RUNNING, version=due.version + 1)


async def read_chunk(tx: Transaction, job: Import, number: int) -> bytes | None:
    """Return a chunk of the import's file, counted from zero; None after the last one."""
    return await repository.chunk(tx, job.id, number)


async def store_reading(tx: Transaction, job: Import, reading: Reading) -> Import:
    """Store how the file is read, so that the user can see and correct it.

    Raises:
        ImportTakenOver: another worker has claimed it.
    """
    tx.write(repository.save_reading(tx, job, reading))
    await flush(tx)
    return replace(job, reading=reading, version=job.version + 1)


async def begin_writing(tx: Transaction, job: Import, *, note: str | None, unknown_columns: Collection[str]) -> Import:
    """Begin the writing phase, and store the names of the unknown columns, so that an export contains them too.

    Raises:
        NotAProductFile: with these columns an export would exceed the limit of columns.
        ImportTakenOver: another worker has claimed it.
    """
    known = await repository.extra_columns(tx)
    new = [name for name in unknown_columns if name not in known]
    total = len(known) + len(new) + len(COLUMNS)
    if total > limits.MAX_COLUMNS:
        message = (
            f"An export would have {total:,} columns with those of this file, and at most {limits.MAX_COLUMNS:,} are"
            " allowed; remove columns that you do not need"
        )
        raise NotAProductFile(message, reason="too_many_columns")
    if new and not job.dry_run:
        tx.write(repository.add_extra_columns(tx, new))
    return await enter_phase(tx, job, Phase.WRITING, total=job.done, note=note)


async def enter_phase(
    tx: Transaction, job: Import, phase: Phase, *, total: int | None, note: str | None = None
) -> Import:
    """Begin a phase with zero progress.

    Raises:
        ImportTakenOver: another worker has claimed it.
    """
    tx.write(repository.enter_phase(tx, job, phase, total=total, note=note))
    await flush(tx)
    return replace(job, phase=phase, total=total, note=note or job.note, done=0, version=job.version + 1)


async def advance_import(tx: Transaction, job: Import, *, entries: int, percent: int, batch: ImportedBatch) -> Import:
    """Store the progress of an import, in the transaction that made it.

    Raises:
        ImportTakenOver: another worker has claimed it; the transaction is not committed.
    """
    counts = batch.counts
    if job.only_checks and not job.dry_run:
        counts = Counts(errors=counts.errors, notes=counts.notes)
    tx.write(repository.save_progress(tx, job, entries=entries, percent=percent, counts=counts))
    tx.write(*repository.add_errors(tx, job, batch.errors), *repository.add_notes(tx, job, batch.notes))
    tx.write(*import_changes.add(tx, job, batch.changes))
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
    """End an import and delete its file; `failure` is the reason why the file as a whole could not be imported.

    Raises:
        ImportTakenOver: another worker has claimed it.
    """
    status = ImportStatus.COMPLETED_WITH_ERRORS if job.counts.errors else ImportStatus.COMPLETED
    stored: dict[str, Any] | None = None
    if failure is not None:
        status = ImportStatus.FAILED
        stored = {"reason": None, "line": None, **failure.facts, "code": failure.code, "message": failure.detail}
    tx.write(*repository.finish(tx, job, status, note=note, failure=stored))
    if job.written:
        tx.write(import_changes.delete_old(tx, job))
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
            "notes": job.counts.notes,
        },
    )
    await flush(tx)
    return replace(job, status=status, failure=stored, version=job.version + 1)
