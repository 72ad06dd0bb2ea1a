"""Reading and writing imports, their files and their errors."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.catalog.public import CatalogueMoved
from luxewin.modules.catalog_import.domain.csv_files import ReadingOptions
from luxewin.modules.catalog_import.domain.imports import (
    MOST_ERRORS_STORED,
    MOST_NOTES_STORED,
    Counts,
    DuplicateSku,
    Import,
    ImportFormat,
    ImportStatus,
    OnError,
    Phase,
    Reading,
    StockPolicy,
    StoredError,
    StoredNote,
    VariantPolicy,
)
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote
from luxewin.modules.catalog_import.errors import ImportTakenOver

LEASE_SECONDS = 60
WORK_CHANNEL = "luxewin_work"
"""Notified in the commit that queues or releases an import, so that a worker starts immediately."""

_COLUMNS = (
    "id, format, file_name, dry_run, stock, status, done, total, created_count, changed_count, unchanged_count,"
    " error_count, note_count, note, failure, created_at, started_at, finished_at, on_error, phase, percent, undoes,"
    " undone_by, variants, on_duplicate_sku, reading_options, reading, version"
)


def add(tx: Transaction, new: Import) -> Write:
    """Return the write that queues an import; its file is added chunk by chunk."""
    return write(
        "INSERT INTO catalog_imports (tenant_id, id, format, file_name, dry_run, stock, status, done, created_count,"
        " changed_count, unchanged_count, error_count, actor, created_at, version, on_error, phase, percent, undoes,"
        " total, variants, on_duplicate_sku, reading_options)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, $8, $9, $10, $11, $12, 0, $13, $14, $15, $16, $17)",
        tx.tenant_id,
        new.id,
        new.format,
        new.file_name,
        new.dry_run,
        new.stock,
        new.status,
        tx.actor,
        new.created_at,
        new.version,
        new.on_error,
        new.phase,
        new.undoes,
        new.total,
        new.variants,
        new.on_duplicate_sku,
        asdict(new.reading_options),
    )


def add_chunk(tx: Transaction, import_id: UUID, *, number: int, content: bytes) -> Write:
    """Return the write that stores one chunk of the file."""
    return write(
        "INSERT INTO catalog_import_pieces (tenant_id, import_id, number, bytes) VALUES ($1, $2, $3, $4)",
        tx.tenant_id,
        import_id,
        number,
        content,
    )


async def notify_workers(tx: Transaction) -> None:
    """Notify workers, when this transaction commits, that an import is due."""
    await tx.fetchval("SELECT pg_notify($1, $2)", WORK_CHANNEL, str(tx.tenant_id))


async def find(tx: Transaction, import_id: UUID) -> Import | None:
    """Return an import."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM catalog_imports WHERE tenant_id = $1 AND id = $2", tx.tenant_id, import_id
    )
    return _import(row) if row else None


async def page(tx: Transaction, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Import]:
    """Return a page of imports, the newest first."""
    condition, parameters = "", [tx.tenant_id, limit]
    if before is not None:
        condition = " AND (created_at, id) < ($3::timestamptz, $4::uuid)"
        parameters.extend(before)
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_imports WHERE tenant_id = $1{condition}"
        " ORDER BY created_at DESC, id DESC LIMIT $2",
        *parameters,
    )
    return [_import(row) for row in rows]


async def errors(tx: Transaction, import_id: UUID, *, after: int, limit: int) -> list[StoredError]:
    """Return a page of an import's row errors, in the order in which they were found."""
    rows = await tx.fetch(
        'SELECT number, line, "column", code, message FROM catalog_import_errors'
        " WHERE tenant_id = $1 AND import_id = $2 AND number > $3 ORDER BY number LIMIT $4",
        tx.tenant_id,
        import_id,
        after,
        limit,
    )
    return [
        StoredError(row["number"], RowError(row["line"], row["column"], row["code"], row["message"])) for row in rows
    ]


async def notes(tx: Transaction, import_id: UUID, *, after: int, limit: int) -> list[StoredNote]:
    """Return a page of an import's notes, in the order in which they were made."""
    rows = await tx.fetch(
        'SELECT number, line, "column", code, message FROM catalog_import_notes'
        " WHERE tenant_id = $1 AND import_id = $2 AND number > $3 ORDER BY number LIMIT $4",
        tx.tenant_id,
        import_id,
        after,
        limit,
    )
    return [StoredNote(row["number"], RowNote(row["line"], row["column"], row["code"], row["message"])) for row in rows]


async def next_due(tx: Transaction, import_id: UUID | None) -> Import | None:
    """Lock and return the oldest import that no worker has claimed, or the import with this id."""
    named = "" if import_id is None else " AND id = $2"
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM catalog_imports WHERE tenant_id = $1{named}"
        " AND status IN ('queued', 'running') AND (status = 'queued' OR lease_until <= now())"
        " ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED",
        *(tx.tenant_id, *([] if import_id is None else [import_id])),
    )
    return _import(row) if row else None


async def chunk(tx: Transaction, import_id: UUID, number: int) -> bytes | None:
    """Return one chunk of the file, counted from zero; None after the last one."""
    found: bytes | None = await tx.fetchval(
        "SELECT bytes FROM catalog_import_pieces WHERE tenant_id = $1 AND import_id = $2 AND number = $3",
        tx.tenant_id,
        import_id,
        number,
    )
    return found


async def later_import(tx: Transaction, found: Import) -> UUID | None:
    """Return a later import that is due or running, or has changes that are not undone."""
    later: UUID | None = await tx.fetchval(
        "SELECT id FROM catalog_imports WHERE tenant_id = $1 AND (created_at, id) > ($2, $3) AND NOT dry_run"
        " AND undoes IS NULL AND undone_by IS NULL AND (status IN ('queued', 'running')"
        " OR created_count + changed_count > 0) ORDER BY created_at, id LIMIT 1",
        tx.tenant_id,
        found.created_at,
        found.id,
    )
    return later


async def last_import(tx: Transaction) -> UUID | None:
    """Return the latest import that has changes which are not undone."""
    last: UUID | None = await tx.fetchval(
        "SELECT id FROM catalog_imports WHERE tenant_id = $1 AND NOT dry_run AND undoes IS NULL AND undone_by IS NULL"
        " AND created_count + changed_count > 0 ORDER BY created_at DESC, id DESC LIMIT 1",
        tx.tenant_id,
    )
    return last


def set_undone_by(tx: Transaction, found: Import, *, undo_id: UUID) -> Write:
    """Return the write that stores the import that undoes this one; there is at most one."""
    return write(
        "UPDATE catalog_imports SET undone_by = $3, version = version + 1"
        " WHERE tenant_id = $1 AND id = $2 AND version = $4 AND undone_by IS NULL",
        tx.tenant_id,
        found.id,
        undo_id,
        found.version,
        rows=1,
        otherwise=CatalogueMoved,
    )


def begin(tx: Transaction, job: Import) -> Write:
    """Return the write that claims the import; a worker that has claimed it before can no longer write."""
    return _advance(
        tx,
        job,
        "status = 'running', started_at = coalesce(started_at, kit_now()),"
        " lease_until = now() + make_interval(secs => $4)",
        float(LEASE_SECONDS),
    )


def enter_phase(tx: Transaction, job: Import, phase: Phase, *, total: int | None, note: str | None) -> Write:
    """Return the write that begins a phase, with the number of entries and a note for the user."""
    return _advance(
        tx,
        job,
        "phase = $4, total = $5, note = coalesce($6, note), done = 0, lease_until = now() + make_interval(secs => $7)",
        phase,
        total,
        note,
        float(LEASE_SECONDS),
    )


def save_progress(tx: Transaction, job: Import, *, entries: int, percent: int, counts: Counts) -> Write:
    """Return the write that stores the progress; it commits together with the work that it counts."""
    return _advance(
        tx,
        job,
        "done = done + $4, created_count = created_count + $5, changed_count = changed_count + $6,"
        " unchanged_count = unchanged_count + $7, error_count = error_count + $8, percent = greatest(percent, $10),"
        " note_count = note_count + $11, lease_until = now() + make_interval(secs => $9)",
        entries,
        counts.created,
        counts.changed,
        counts.unchanged,
        counts.errors,
        float(LEASE_SECONDS),
        percent,
        counts.notes,
    )


def save_reading(tx: Transaction, job: Import, reading: Reading) -> Write:
    """Return the write that stores how the file is read."""
    return _advance(tx, job, "reading = $4", asdict(reading))


def add_errors(tx: Transaction, job: Import, found: Sequence[RowError]) -> list[Write]:
    """Return the writes that store row errors up to a limit."""
    stored = found[: max(0, MOST_ERRORS_STORED - job.counts.errors)]
    return _add_findings(tx, job, "catalog_import_errors", stored, after=job.counts.errors)


def add_notes(tx: Transaction, job: Import, found: Sequence[RowNote]) -> list[Write]:
    """Return the writes that store notes up to a limit."""
    stored = found[: max(0, MOST_NOTES_STORED - job.counts.notes)]
    return _add_findings(tx, job, "catalog_import_notes", stored, after=job.counts.notes)


def _add_findings(
    tx: Transaction, job: Import, table: str, found: Sequence[RowError | RowNote], *, after: int
) -> list[Write]:
    if not found:
        return []
    return [
        write(
            f'INSERT INTO {table} (tenant_id, import_id, number, line, "column", code, message)'
            " SELECT $1, $2, $3 + e.number, e.line, e.col, e.code, e.message"
            " FROM unnest($4::int[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY"
            " AS e(line, col, code, message, number)",
            tx.tenant_id,
            job.id,
            after,
            [each.line for each in found],
            [each.column for each in found],
            [each.code for each in found],
            [each.message[:1000] for each in found],
        )
    ]


def finish(
    tx: Transaction, job: Import, status: ImportStatus, *, note: str | None, failure: dict[str, Any] | None
) -> list[Write]:
    """Return the writes that end an import and delete its file."""
    return [
        _advance(
            tx,
            job,
            "status = $4, failure = $5, percent = 100, total = coalesce(total, done), finished_at = kit_now(),"
            " lease_until = NULL, note = coalesce($6, note)",
            status,
            failure,
            note,
        ),
        write("DELETE FROM catalog_import_pieces WHERE tenant_id = $1 AND import_id = $2", tx.tenant_id, job.id),
    ]


async def extra_columns(tx: Transaction) -> list[str]:
    """Return the unknown columns of imported files, in the order in which they first occurred."""
    rows = await tx.fetch(
        "SELECT name FROM catalog_sheet_columns WHERE tenant_id = $1 ORDER BY position, name", tx.tenant_id
    )
    return [row["name"] for row in rows]


def add_extra_columns(tx: Transaction, names: Collection[str]) -> Write:
    """Return the write that stores the names of unknown columns, so that an export contains them too."""
    return write(
        "INSERT INTO catalog_sheet_columns (tenant_id, name, position)"
        " SELECT $1, n.name, n.position + coalesce((SELECT max(k.position) FROM catalog_sheet_columns k"
        " WHERE k.tenant_id = $1), 0) FROM unnest($2::text[]) WITH ORDINALITY AS n(name, position)"
        " ON CONFLICT DO NOTHING",
        tx.tenant_id,
        list(names),
    )


def _advance(tx: Transaction, job: Import, assignments: str, *values: Any) -> Write:
    return write(
        f"UPDATE catalog_imports SET {assignments}, version = version + 1"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status IN ('queued', 'running')",
        tx.tenant_id,
        job.id,
        job.version,
        *values,
        rows=1,
        otherwise=ImportTakenOver,
    )


def _import(row: Any) -> Import:
    return Import(
        id=row["id"],
        format=ImportFormat(row["format"]),
        file_name=row["file_name"],
        dry_run=row["dry_run"],
        stock=StockPolicy(row["stock"]),
        on_error=OnError(row["on_error"]),
        phase=Phase(row["phase"]),
        percent=row["percent"],
        status=ImportStatus(row["status"]),
        done=row["done"],
        total=row["total"],
        counts=Counts(
            created=row["created_count"],
            changed=row["changed_count"],
            unchanged=row["unchanged_count"],
            errors=row["error_count"],
            notes=row["note_count"],
        ),
        note=row["note"],
        failure=row["failure"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        undoes=row["undoes"],
        undone_by=row["undone_by"],
        version=row["version"],
        variants=VariantPolicy(row["variants"]),
        on_duplicate_sku=DuplicateSku(row["on_duplicate_sku"]),
        reading_options=ReadingOptions(**row["reading_options"]) if row["reading_options"] else ReadingOptions(),
        reading=_reading(row["reading"]) if row["reading"] else None,
    )


def _reading(stored: dict[str, Any]) -> Reading:
    lists = {"header": tuple(stored["header"]), "fields": tuple(stored["fields"])}
    return Reading(**{**stored, **lists, "sample": tuple(map(tuple, stored["sample"]))})
