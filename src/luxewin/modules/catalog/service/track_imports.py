"""Keeping track of imports: queued by a request, worked on by one worker at a time, readable throughout."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.errors import Refusal
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.imports import (
    Counts,
    Import,
    ImportFormat,
    ImportStatus,
    StockPolicy,
    StoredError,
)
from luxewin.modules.catalog.domain.shopify_csv import COLUMNS, NotAProductFile, RowError, limits
from luxewin.modules.catalog.errors import ImportUnknown
from luxewin.modules.catalog.repository import imports as repository
from luxewin.modules.catalog.repository.sending import flush

PIECE_BYTES = 1 << 20


async def queue_import(tx: Transaction, *, content: bytes, file_name: str, dry_run: bool, stock: StockPolicy) -> Import:
    """Keep a product file until a worker has brought it in, and wake one."""
    queued = Import(
        id=new_id(),
        format=ImportFormat.SHOPIFY_CSV,
        file_name=file_name,
        dry_run=dry_run,
        stock=stock,
        status=ImportStatus.QUEUED,
        done=0,
        total=None,
        counts=Counts(),
        note=None,
        failure=None,
        created_at=await tx.now(),
        started_at=None,
        finished_at=None,
        version=1,
    )
    tx.write(repository.add(tx, queued))
    for number, begin in enumerate(range(0, len(content), PIECE_BYTES)):
        await tx.flush()
        piece = content[begin : begin + PIECE_BYTES]
        tx.write(repository.add_piece(tx, queued.id, number=number, content=piece))
    tx.record(
        "catalog.import_queued",
        target=queued.id,
        after={"file_name": file_name, "bytes": len(content), "dry_run": dry_run, "stock": stock},
    )
    await repository.wake_workers(tx)
    return queued


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


async def take_import(tx: Transaction, import_id: UUID | None = None) -> Import | None:
    """Take up the import named, or the oldest one, that nobody works on or that a worker has left behind.

    None where there is none.
    """
    due = await repository.next_due(tx, import_id)
    if due is None:
        return None
    tx.write(repository.begin(tx, due))
    return replace(due, status=ImportStatus.RUNNING, version=due.version + 1)


async def file_of(tx: Transaction, job: Import) -> list[bytes]:
    """Return the import's file, in pieces."""
    return await repository.pieces(tx, job.id)


async def begin_import(
    tx: Transaction, job: Import, *, total: int, note: str | None, extra_columns: Collection[str]
) -> Import:
    """Note how much there is to do, and the columns that an export shall give back.

    Raises:
        NotAProductFile: with these columns an export would have more than a file may.
        ImportTakenOver: another worker has it.
    """
    known = await repository.sheet_columns(tx)
    new = [name for name in extra_columns if name not in known]
    if len(known) + len(new) + len(COLUMNS) > limits.MAX_COLUMNS:
        raise NotAProductFile("With this file's columns an export would have too many", reason="too_many_columns")
    if new and not job.dry_run:
        tx.write(repository.add_sheet_columns(tx, new))
    tx.write(repository.note_total(tx, job, total=total, note=note))
    await flush(tx)
    return replace(job, total=total, note=note, version=job.version + 1)


async def advance_import(
    tx: Transaction, job: Import, *, entries: int, counts: Counts, errors: Sequence[RowError]
) -> Import:
    """Note how far the import is, in the transaction that took it there.

    Raises:
        ImportTakenOver: another worker has it; the transaction must not commit.
    """
    tx.write(repository.note_progress(tx, job, entries=entries, counts=counts))
    tx.write(*repository.add_errors(tx, job, errors))
    await flush(tx)
    return replace(job, done=job.done + entries, counts=job.counts + counts, version=job.version + 1)


async def finish_import(tx: Transaction, job: Import, *, failure: Refusal | None = None) -> Import:
    """End an import and let go of its file; with a failure, the file as such could not be brought in.

    Raises:
        ImportTakenOver: another worker has it.
    """
    status = ImportStatus.COMPLETED_WITH_ERRORS if job.counts.errors else ImportStatus.COMPLETED
    told: dict[str, Any] | None = None
    if failure is not None:
        status = ImportStatus.FAILED
        told = {"reason": None, "line": None, **failure.facts, "code": failure.code, "message": failure.detail}
    tx.write(*repository.finish(tx, job, status, failure=told))
    tx.record(
        "catalog.import_finished",
        target=job.id,
        after={
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


def unknown_columns(names: Iterable[str]) -> list[str]:
    """Return the columns of a file that the catalogue has no meaning for, and keeps for the export."""
    return [name for name in names if name and name not in COLUMNS]
