"""How a product file is brought in: queued by a request or a command, worked on by whoever takes it up.

The file is read once for what only the whole can tell, and once more in batches. Each batch is one transaction, which
also notes how far the import is; a worker that dies is followed by another one, which goes on after the last batch.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import structlog
from prometheus_client import Counter

from luxewin.kit.access import SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import Contended, Refusal, Unavailable
from luxewin.kit.money import EXPONENTS
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import (
    WORK_CHANNEL,
    Import,
    ImportBroken,
    ImportStatus,
    ImportTakenOver,
    Item,
    RowError,
    Source,
    StockPolicy,
    Survey,
)
from luxewin.modules.inventory.public import StockReserved

__all__ = ["WORK_CHANNEL", "ImportReport", "export_products", "import_file", "run_due_imports"]

T = TypeVar("T")
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
    *,
    dry_run: bool = False,
    stock: StockPolicy = StockPolicy.KEEP,
) -> ImportReport:
    """Bring in a file of this machine at once, and tell what became of it."""
    content = await asyncio.to_thread(path.read_bytes)

    async def queue_and_take(tx: Transaction) -> Import:
        queued = await catalog.queue_import(tx, content=content, file_name=path.name, dry_run=dry_run, stock=stock)
        await tx.flush()
        taken = await catalog.take_import(tx, queued.id)
        assert taken is not None, "nobody else has seen it yet"
        return taken

    job = await database.run(tenant, SYSTEM, queue_and_take)
    await _bring_in(database, tenant, job)
    return await database.run(tenant, SYSTEM, partial(_report, import_id=job.id))


async def run_due_imports(database: Database, tenant: Tenancy) -> int:
    """Bring in all of the tenant's files that wait, or that a worker has left behind; return how many."""
    brought_in = 0
    while (job := await database.run(tenant, SYSTEM, catalog.take_import)) is not None:
        with suppress(ImportTakenOver):
            await _bring_in(database, tenant, job)
        brought_in += 1
    return brought_in


async def export_products(database: Database, tenant: Tenancy, principal: Principal) -> AsyncIterator[bytes]:
    """Yield all products as a product file, such that bringing it in again changes nothing."""
    exponent = EXPONENTS[tenant.currency]
    columns = await database.run(tenant, principal, catalog.export_columns)
    after: str | None = ""
    is_first = True
    while after is not None:
        page = await database.run(tenant, principal, partial(catalog.export_page, after=after))
        lines = catalog.write(page.drafts, exponent=exponent, extra_columns=columns)
        yield await asyncio.to_thread(_text, islice(lines, 0 if is_first else 1, None))
        is_first, after = False, page.last_slug


def _text(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()


async def _bring_in(database: Database, tenant: Tenancy, job: Import) -> None:
    """Do the work of an import that was taken up, to its end.

    Raises:
        ImportTakenOver: another worker has it by now.
        Unavailable, Contended, or any lost race: not now; the import is taken up again when the lease is over.
    """
    progress = _Progress(database, tenant, job)
    try:
        await progress.to_the_end()
    except Refusal as refusal:
        if refusal.retriable or isinstance(refusal, PASSING):
            raise
        await progress.fail(refusal)
    except Exception:
        log.exception("an import stumbled", import_id=str(job.id), tenant=tenant.slug)
        await progress.fail(ImportBroken())


class _Progress:
    """An import while it is worked on; `job` is as it was last written."""

    def __init__(self, database: Database, tenant: Tenancy, job: Import) -> None:
        self.job = job
        self._database = database
        self._tenant = tenant
        self._exponent = EXPONENTS[tenant.currency]

    async def to_the_end(self) -> None:
        """Survey the file, bring in what is not in yet, and finish."""
        file = await self._run(lambda tx: catalog.file_of(tx, self.job))
        # Reading is work for the processor: a thread does it, so that the event loop can go on with others.
        found = await asyncio.to_thread(catalog.survey, file, exponent=self._exponent)
        self.job = await self._run(partial(self._begin, found=found))
        source = Source(columns=found.columns, repeated_skus=found.repeated_skus, currency=self._tenant.currency)
        left = islice(catalog.entries_of(file, exponent=self._exponent), self.job.done, None)
        batches = catalog.batches(left)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            self.job = await self._bring_in(batch, source)
        self.job = await self._run(lambda tx: catalog.finish_import(tx, self.job))
        _IMPORTS.labels("finished").inc()

    async def fail(self, failure: Refusal) -> None:
        """End the import, and say why it could not come to its end."""
        self.job = await self._run(lambda tx: catalog.finish_import(tx, self.job, failure=failure))
        _IMPORTS.labels("failed").inc()

    async def _begin(self, tx: Transaction, found: Survey) -> Import:
        unknown = catalog.unknown_columns(found.columns)
        return await catalog.begin_import(tx, self.job, total=found.total, note=found.note, extra_columns=unknown)

    async def _bring_in(self, batch: Sequence[Item], source: Source) -> Import:
        """Bring in a batch; what has more pieces held for orders than the file counts is left out, and told."""
        held: frozenset[UUID] = frozenset()
        while True:
            try:
                return await self._run(partial(self._written, batch=batch, source=source, held=held))
            except StockReserved as refusal:
                held |= {refusal.facts["variant_id"]}

    async def _written(self, tx: Transaction, batch: Sequence[Item], source: Source, held: frozenset[UUID]) -> Import:
        done = await catalog.import_batch(tx, self.job, batch, source, held=held)
        return await catalog.advance_import(tx, self.job, entries=len(batch), counts=done.counts, errors=done.errors)

    async def _run(self, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._database.run(self._tenant, SYSTEM, use_case)


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
