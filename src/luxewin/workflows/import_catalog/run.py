"""One run of an import: its file is checked, then its products are written; if that fails, its changes are undone."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from functools import partial
from itertools import count, islice
from typing import BinaryIO, TypeVar
from uuid import UUID

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Contended, DomainError, Unavailable
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.text import counted
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import (
    Counts,
    CsvUpdates,
    Import,
    ImportAborted,
    ImportedBatch,
    Item,
    OnError,
    Phase,
    ProductFile,
    RowError,
)
from luxewin.modules.inventory.public import StockReserved
from luxewin.workflows.import_catalog.batch_file import BatchFile, batch_file

T = TypeVar("T")
_READ_BYTES = 1 << 16
_SKUS_AT_ONCE = 5_000
_FIRST_STATISTICS_AFTER = 200
_STATISTICS_GROWTH = 4
_MOST_FAILED_TRIES = 12
_UNDO_SIZES = (500, 500, 60, 8, 1)
"""The numbers of changes that are undone at once, after each lost race."""
_CHECK_PERCENT = 40
"""The share of the check in the progress of an import that writes."""


class LateErrorsError(Exception):
    """Products that passed the check can no longer be written, because another request made a conflicting change."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__()
        self.errors = errors


class ImportRun:
    """A run of one import; `job` is the import as last stored, and `watch` is called after each step."""

    def __init__(self, database: Database, tenant: Tenancy, job: Import, watch: Callable[[Import], None]) -> None:
        self.job = job
        self._database = database
        self._tenant = tenant
        self._watch = watch
        self._file_bytes = 0
        self._read_bytes = 0
        self._freed: set[UUID] = set()
        self._statistics_due_at = _FIRST_STATISTICS_AFTER

    async def run(self) -> None:
        """Do the remaining work, and finish the import.

        Raises:
            ImportAborted: the file has errors, and nothing of it is imported.
        """
        note = None
        if self.job.undoes is not None:
            await self._undo(self.job.undoes)
        elif self.job.phase is Phase.UNDOING:
            await self._abort()
        else:
            with tempfile.TemporaryFile() as file, batch_file() as batches:
                await self._fetch(file)
                note = await self._import(file, batches)
        await self._finish(note=note)

    async def fail(self, failure: DomainError) -> None:
        """End the import with a failure; with `on_error=abort` its changes are undone first."""
        if self.job.undoes is None and self.job.on_error is OnError.ABORT and self.job.written:
            await self._begin_to_undo([])
            await self._undo(self.job.id)
        await self._finish(failure=failure)

    async def _finish(self, *, note: str | None = None, failure: DomainError | None = None) -> None:
        self._update(
            await self._transact(lambda tx: catalog_import.finish_import(tx, self.job, note=note, failure=failure))
        )

    async def _fetch(self, file: BinaryIO) -> None:
        """Copy the stored file, chunk by chunk, to a local one that can be read more than once."""
        for number in count():
            chunk = await self._transact(lambda tx, number=number: catalog_import.read_chunk(tx, self.job, number))  # type: ignore[misc]  # binds this iteration's number
            if chunk is None:
                return
            try:
                self._file_bytes += await asyncio.to_thread(file.write, chunk)
            except OSError as error:
                raise Unavailable("There is not enough disk space to unpack the file; try again later") from error

    async def _import(self, file: BinaryIO, batches: BatchFile) -> str | None:
        """Check the file, and write its products unless it is a dry run; return a note for the user."""
        note = None
        if self.job.phase is Phase.CHECKING:
            note = await self._check(file, batches)
        if self.job.phase is Phase.WRITING:
            try:
                await self._write(file, batches)
            except LateErrorsError as late:
                await self._begin_to_undo(late.errors)
                await self._abort()
        return note

    async def _check(self, file: BinaryIO, batches: BatchFile) -> str | None:
        products, begun_at = await self._open(file), self.job.done
        parsed = catalog_import.batches(islice(products, begun_at, None))
        async with aclosing(_prefetch(parsed if begun_at else batches.store(parsed))) as prefetched:
            async for batch in prefetched:
                self._update(await self._transact(lambda tx, batch=batch: self._check_batch(tx, batch)))  # type: ignore[misc]  # binds this iteration's batch
        if self.job.dry_run:
            return products.note
        if self.job.counts.errors and self.job.on_error is OnError.ABORT:
            raise _abort_error(self.job)
        unknown, note = products.unknown_columns, products.note
        self._update(
            await self._transact(
                lambda tx: catalog_import.begin_writing(tx, self.job, note=note, unknown_columns=unknown)
            )
        )
        return note

    async def _check_batch(self, tx: Transaction, batch: Sequence[Item]) -> Import:
        if self.job.on_error is OnError.SKIP and not self.job.dry_run:
            checked = ImportedBatch(counts=Counts(), errors=())  # errors are reported when the products are written
        else:
            checked = await catalog_import.import_batch(
                tx, self.job, batch, currency=self._tenant.currency, freed=self._freed
            )
            self._freed |= checked.freed
        share = 100 if self.job.dry_run else _CHECK_PERCENT
        percent = share * self._read_bytes // max(1, self._file_bytes)
        return await catalog_import.advance_import(tx, self.job, entries=len(batch), percent=percent, batch=checked)

    async def _write(self, file: BinaryIO, batches: BatchFile) -> None:
        if batches.is_complete:
            parsed = batches.read()
        else:
            parsed = catalog_import.batches(islice(await self._open(file), self.job.done, None))
        async with aclosing(_prefetch(parsed)) as prefetched:
            async for batch in prefetched:
                await self._write_batch(batch)
                await self._take_statistics()

    async def _write_batch(self, batch: Sequence[Item]) -> None:
        """Write a batch. After a lost race it is written in halves; products that stay busy are left out."""
        parts, failed = [batch], 0
        while parts:
            part = parts.pop()
            try:
                self._update(await self._write_part(part, waits=not failed))
            except DomainError as error:
                if not _is_lost_race(error):
                    raise
                failed += 1
                if len(part) == 1 or failed > _MOST_FAILED_TRIES:
                    self._update(await self._transact(partial(self._leave_out, part=part)))
                elif failed == 1:
                    parts.append(part)
                else:
                    parts += [part[len(part) // 2 :], part[: len(part) // 2]]

    async def _write_part(self, part: Sequence[Item], *, waits: bool) -> Import:
        """Write a part of a batch; products of which orders have reserved more units than the file has are left out."""
        reserved: frozenset[UUID] = frozenset()
        while True:
            try:
                return await self._transact(partial(self._save_part, part=part, reserved=reserved, waits=waits))
            except StockReserved as error:
                reserved |= {error.facts["variant_id"]}

    async def _save_part(
        self, tx: Transaction, *, part: Sequence[Item], reserved: frozenset[UUID], waits: bool
    ) -> Import:
        written = await catalog_import.import_batch(
            tx, self.job, part, currency=self._tenant.currency, reserved=reserved, waits=waits
        )
        return await self._advance(tx, part, written)

    async def _leave_out(self, tx: Transaction, *, part: Sequence[Item]) -> Import:
        return await self._advance(tx, part, catalog_import.leave_out(part, self.job))

    async def _advance(self, tx: Transaction, part: Sequence[Item], written: ImportedBatch) -> Import:
        if written.errors and self.job.on_error is OnError.ABORT:
            raise LateErrorsError(written.errors)
        share = (self.job.done + len(part)) / max(1, self.job.total or 1)
        percent = min(100, int(_CHECK_PERCENT + (100 - _CHECK_PERCENT) * share))
        return await catalog_import.advance_import(tx, self.job, entries=len(part), percent=percent, batch=written)

    async def _take_statistics(self) -> None:
        """Update the planner's statistics each time the catalogue may have grown several times.

        In a new shop the planner assumes empty tables, and checks of foreign keys would read all rows.
        """
        if self.job.counts.created < self._statistics_due_at:
            return
        self._statistics_due_at = self.job.counts.created * _STATISTICS_GROWTH
        with suppress(Unavailable, Contended):
            await self._transact(catalog_import.take_statistics)

    async def _begin_to_undo(self, errors: Sequence[RowError]) -> None:
        async def begin(tx: Transaction) -> Import:
            failed = ImportedBatch(counts=Counts(errors=len(errors)), errors=errors)
            job = await catalog_import.advance_import(tx, self.job, entries=0, percent=self.job.percent, batch=failed)
            return await catalog_import.enter_phase(tx, job, Phase.UNDOING, total=job.written)

        self._update(await self._transact(begin))

    async def _abort(self) -> None:
        await self._undo(self.job.id)
        raise _abort_error(self.job)

    async def _undo(self, import_id: UUID) -> None:
        while (advanced := await self._undo_some(import_id)) is not None:
            self._update(advanced)

    async def _undo_some(self, import_id: UUID) -> Import | None:
        """Undo the next changes; after a lost race without products that are busy, and then fewer at once."""
        lost: DomainError | None = None
        for limit in _UNDO_SIZES:
            try:
                return await self._transact(
                    partial(self._undo_batch, import_id=import_id, limit=limit, waits=lost is None)
                )
            except DomainError as error:
                if not _is_lost_race(error):
                    raise
                lost = error
        assert lost is not None, "an attempt without an error returns"
        raise lost

    async def _undo_batch(self, tx: Transaction, *, import_id: UUID, limit: int, waits: bool) -> Import | None:
        undone = await catalog_import.undo_batch(tx, import_id, limit=limit, waits=waits)
        if undone is None:
            return None
        errors = len(undone.errors)
        if import_id == self.job.id:
            counts = Counts(created=-undone.deleted, changed=-undone.restored, errors=errors)
        else:
            counts = Counts(changed=undone.deleted + undone.restored, errors=errors)
        percent = min(100, 100 * (self.job.done + undone.changes) // max(1, self.job.total or 1))
        batch = ImportedBatch(counts=counts, errors=undone.errors)
        return await catalog_import.advance_import(tx, self.job, entries=undone.changes, percent=percent, batch=batch)

    async def _open(self, file: BinaryIO) -> ProductFile:
        """Find out how the file is read, and store it."""
        products = ProductFile(
            _Chunks(lambda: self._read(file)),
            self.job.format,
            currency=self._tenant.currency,
            options=self.job.reading_options,
            on_duplicate_sku=self.job.on_duplicate_sku,
        )
        reading = await asyncio.to_thread(products.reading)
        if reading is not None and reading != self.job.reading:
            self._update(await self._transact(lambda tx: catalog_import.store_reading(tx, self.job, reading)))
        updates = await asyncio.to_thread(lambda: products.updates)
        if updates is not None:
            await self._find_owners(updates)
        return products

    async def _find_owners(self, updates: CsvUpdates) -> None:
        """Find the products that have the SKUs of a price list or stock list."""
        skus = updates.skus()
        while batch := await asyncio.to_thread(lambda: list(islice(skus, _SKUS_AT_ONCE))):
            owners = await self._transact(lambda tx, batch=batch: catalog.sku_owners(tx, set(batch)))  # type: ignore[misc]  # binds this iteration's batch
            updates.owners.update({sku: slug for sku, (_, slug) in owners.items()})

    def _read(self, file: BinaryIO) -> Iterator[bytes]:
        position = self._read_bytes = 0
        while True:
            file.seek(position)  # another pass may have read in between
            chunk = file.read(_READ_BYTES)
            if not chunk:
                return
            position = self._read_bytes = position + len(chunk)
            yield chunk

    def _update(self, job: Import) -> None:
        self.job = job
        self._watch(job)

    async def _transact(self, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._database.run(self._tenant, SYSTEM, use_case)


class _Chunks:
    """The bytes of a file, which can be iterated more than once."""

    def __init__(self, read: Callable[[], Iterator[bytes]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[bytes]:
        return self._read()


def _is_lost_race(error: DomainError) -> bool:
    """Return whether other requests changed or locked the same rows, so that a later attempt may succeed."""
    return error.retriable or isinstance(error, Contended)


def _abort_error(job: Import) -> ImportAborted:
    errors = counted(job.counts.errors, "error")
    return ImportAborted(f"The file has {errors}; nothing was changed", errors=job.counts.errors)


async def _prefetch(batches: Iterator[list[Item]]) -> AsyncGenerator[list[Item]]:
    """Yield batches, and read the next one while the current one is written.

    Parsing is done by a thread, so that the event loop stays free.
    """
    reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
            yield batch
    finally:
        with suppress(Exception):
            await reading  # the thread must be done before the file is closed
