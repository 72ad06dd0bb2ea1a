"""An import while it is worked on: looked through, written, and where it must be, taken back."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, suppress
from itertools import count, islice
from typing import BinaryIO, TypeVar
from uuid import UUID

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Contended, DomainError, Unavailable
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import (
    Batch,
    Counts,
    Import,
    ImportAborted,
    Item,
    OnError,
    Phase,
    ProductFile,
    RowError,
)
from luxewin.modules.inventory.public import StockReserved
from luxewin.workflows.import_catalog.kept_batches import KeptBatches, kept_batches

T = TypeVar("T")
_READ_BYTES = 1 << 16
_FIRST_STATISTICS_AFTER = 200
_STATISTICS_GROWTH = 4
_CHECK_PERCENT = 40
"""How much of the work of an import that writes is done when its file has been looked through."""


class LateFaultsError(Exception):
    """Products that were sound when the file was looked through cannot come in: somebody has come in between."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__()
        self.errors = errors


class Work:
    """The work on one import; `job` is as it was last written, and whoever watches is told of each step."""

    def __init__(self, database: Database, tenant: Tenancy, job: Import, watch: Callable[[Import], None]) -> None:
        self.job = job
        self._database = database
        self._tenant = tenant
        self._watch = watch
        self._file_bytes = 0
        self._read_bytes = 0
        self._freed: set[UUID] = set()
        self._statistics_due_at = _FIRST_STATISTICS_AFTER

    async def to_the_end(self) -> None:
        """Do what is not done yet, and finish.

        Raises:
            ImportAborted: the file has errors, and nothing of it has come in.
        """
        note = None
        if self.job.undoes is not None:
            await self._take_back(self.job.undoes)
        elif self.job.phase is Phase.TAKING_BACK:
            await self._abort()
        else:
            with tempfile.TemporaryFile() as spool, kept_batches() as kept:
                await self._fill(spool)
                note = await self._bring_in(spool, kept)
        await self._finish(note=note)

    async def fail(self, failure: DomainError) -> None:
        """End the import, and say why it could not come to its end; where nothing was to come in, nothing has."""
        if self.job.undoes is None and self.job.on_error is OnError.ABORT and self.job.written:
            await self._begin_to_take_back([])
            await self._take_back(self.job.id)
        await self._finish(failure=failure)

    async def _finish(self, *, note: str | None = None, failure: DomainError | None = None) -> None:
        self._now(await self._run(lambda tx: catalog.finish_import(tx, self.job, note=note, failure=failure)))

    async def _fill(self, spool: BinaryIO) -> None:
        """Fetch the file, piece by piece, to where it can be read more than once."""
        for number in count():
            piece = await self._run(lambda tx, number=number: catalog.piece_of(tx, self.job, number))  # type: ignore[misc]  # the default binds this turn's number
            if piece is None:
                return
            try:
                self._file_bytes += await asyncio.to_thread(spool.write, piece)
            except OSError as error:
                raise Unavailable("There is no room to unpack the file; try again later") from error

    async def _bring_in(self, spool: BinaryIO, kept: KeptBatches) -> str | None:
        """Look through the file, and unless that was all, write its products; return what people should know."""
        note = None
        if self.job.phase is Phase.CHECKING:
            note = await self._check(spool, kept)
        if self.job.phase is Phase.WRITING:
            try:
                await self._write(spool, kept)
            except LateFaultsError as late:
                await self._begin_to_take_back(late.errors)
                await self._abort()
        return note

    async def _check(self, spool: BinaryIO, kept: KeptBatches) -> str | None:
        file, begun_at = self._opened(spool), self.job.done
        reading = catalog.batches(islice(file, begun_at, None))
        async with aclosing(_ahead(reading if begun_at else kept.kept(reading))) as batches:
            async for batch in batches:
                self._now(await self._run(lambda tx, batch=batch: self._checked(tx, batch)))  # type: ignore[misc]  # the default binds this turn's batch
        if self.job.dry_run:
            return file.note
        if self.job.counts.errors and self.job.on_error is OnError.ABORT:
            raise _aborted(self.job)
        unknown = file.unknown_columns
        self._now(
            await self._run(lambda tx: catalog.begin_writing(tx, self.job, note=file.note, unknown_columns=unknown))
        )
        return file.note

    async def _checked(self, tx: Transaction, batch: Sequence[Item]) -> Import:
        if self.job.on_error is OnError.SKIP and not self.job.dry_run:
            found = Batch(counts=Counts(), errors=())  # what is wrong will be told when its turn comes
        else:
            found = await catalog.import_batch(tx, self.job, batch, currency=self._tenant.currency, freed=self._freed)
            self._freed |= found.freed
        whole = 100 if self.job.dry_run else _CHECK_PERCENT
        percent = whole * self._read_bytes // max(1, self._file_bytes)
        return await catalog.advance_import(tx, self.job, entries=len(batch), percent=percent, batch=found)

    async def _write(self, spool: BinaryIO, kept: KeptBatches) -> None:
        reading = kept.again() if kept.is_whole else catalog.batches(islice(self._opened(spool), self.job.done, None))
        async with aclosing(_ahead(reading)) as batches:
            async for batch in batches:
                self._now(await self._written(batch))
                await self._take_statistics()

    async def _written(self, batch: Sequence[Item]) -> Import:
        """Write a batch; what has more pieces held for orders than the file counts is left out, and told."""
        held: frozenset[UUID] = frozenset()
        while True:
            try:
                return await self._run(lambda tx, held=held: self._write_batch(tx, batch, held))  # type: ignore[misc]  # the default binds this turn's set
            except StockReserved as error:
                held |= {error.facts["variant_id"]}

    async def _write_batch(self, tx: Transaction, batch: Sequence[Item], held: frozenset[UUID]) -> Import:
        done = await catalog.import_batch(tx, self.job, batch, currency=self._tenant.currency, held=held)
        if done.errors and self.job.on_error is OnError.ABORT:
            raise LateFaultsError(done.errors)
        share = (self.job.done + len(batch)) / max(1, self.job.total or 1)
        percent = int(_CHECK_PERCENT + (100 - _CHECK_PERCENT) * share)
        return await catalog.advance_import(tx, self.job, entries=len(batch), percent=min(100, percent), batch=done)

    async def _take_statistics(self) -> None:
        """Let the planner know, each time the catalogue may have become several times as large.

        In a young shop its estimates are those of empty tables, and the checks of foreign keys would read all rows.
        """
        if self.job.counts.created < self._statistics_due_at:
            return
        self._statistics_due_at = self.job.counts.created * _STATISTICS_GROWTH
        with suppress(Unavailable, Contended):
            await self._run(catalog.take_statistics)

    async def _begin_to_take_back(self, errors: Sequence[RowError]) -> None:
        async def begin(tx: Transaction) -> Import:
            told = Batch(counts=Counts(errors=len(errors)), errors=errors)
            job = await catalog.advance_import(tx, self.job, entries=0, percent=self.job.percent, batch=told)
            return await catalog.enter_phase(tx, job, Phase.TAKING_BACK, total=job.written)

        self._now(await self._run(begin))

    async def _abort(self) -> None:
        await self._take_back(self.job.id)
        raise _aborted(self.job)

    async def _take_back(self, import_id: UUID) -> None:
        while (further := await self._run(lambda tx: self._taken_back(tx, import_id))) is not None:
            self._now(further)

    async def _taken_back(self, tx: Transaction, import_id: UUID) -> Import | None:
        taken = await catalog.take_back_batch(tx, import_id)
        if taken is None:
            return None
        removed, restored, errors = taken.removed, taken.restored, len(taken.errors)
        if import_id == self.job.id:
            counts = Counts(created=-removed, changed=-restored, errors=errors)
        else:
            counts = Counts(changed=removed + restored, errors=errors)
        percent = min(100, 100 * (self.job.done + taken.changes) // max(1, self.job.total or 1))
        batch = Batch(counts=counts, errors=taken.errors)
        return await catalog.advance_import(tx, self.job, entries=taken.changes, percent=percent, batch=batch)

    def _opened(self, spool: BinaryIO) -> ProductFile:
        return ProductFile(self._read(spool), self.job.format, currency=self._tenant.currency)

    def _read(self, spool: BinaryIO) -> Iterator[bytes]:
        spool.seek(0)
        self._read_bytes = 0
        while piece := spool.read(_READ_BYTES):
            self._read_bytes += len(piece)
            yield piece

    def _now(self, job: Import) -> None:
        self.job = job
        self._watch(job)

    async def _run(self, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._database.run(self._tenant, SYSTEM, use_case)


def _aborted(job: Import) -> ImportAborted:
    return ImportAborted(f"The file has {job.counts.errors:,} errors; nothing was changed", errors=job.counts.errors)


async def _ahead(batches: Iterator[list[Item]]) -> AsyncGenerator[list[Item]]:
    """Yield batches, and read the next one while this one is worked on.

    Reading is work for the processor: a thread does it, so that the event loop can go on with others.
    """
    reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
    try:
        while (batch := await reading) is not None:
            reading = asyncio.create_task(asyncio.to_thread(next, batches, None))
            yield batch
    finally:
        with suppress(Exception):
            await reading  # nobody may close the file under the thread
