"""Imports and workers: claimed, abandoned and taken over imports; and failures that stop them."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.errors import Unavailable
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import (
    Counts,
    Import,
    ImportedBatch,
    ImportOptions,
    ImportStatus,
    ImportTakenOver,
    OnError,
    StockPolicy,
)
from luxewin.workflows.import_catalog.workflow import run_due_imports
from tests.modules.catalog.shop import Shop, dollars
from tests.workflows.import_catalog.files import chunks_of, file_of, plain, shop_file

TWO_BATCHES = file_of(plain(f"pot-{number}") for number in range(600))


async def _queue(shop: Shop, file: bytes, *, stock: StockPolicy = StockPolicy.KEEP) -> Import:
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        options = ImportOptions(stock=stock, on_error=OnError.SKIP)
        return await catalog_import.queue_import(tx, chunks_of(file), file_name="products.csv", options=options)


async def _read(shop: Shop, queued: Import) -> Import:
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        return await catalog_import.find_import(tx, queued.id)


async def _end_leases(shop: Shop) -> None:
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        await tx.connection.execute("UPDATE catalog_imports SET lease_until = now() - interval '1 second'")


async def _names(shop: Shop) -> list[Any]:
    return [row["slug"] for row in await shop.rows("SELECT slug FROM catalog_v_products")]


def _stop_after_the_first_batch(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    bring_in = catalog_import.import_batch
    brought_in = 0

    async def once(*given: Any, **more: Any) -> Any:
        nonlocal brought_in
        if brought_in:
            raise failure
        brought_in += 1
        return await bring_in(*given, **more)

    monkeypatch.setattr(catalog_import, "import_batch", once)


async def test_a_queued_file_is_brought_in_by_one_of_many_workers(shop: Shop) -> None:
    queued = await _queue(shop, shop_file())
    done = await asyncio.gather(*(run_due_imports(shop.database, shop.tenant) for _ in range(4)))
    assert sorted(done) == [0, 0, 0, 1]
    assert (await _read(shop, queued)).counts == Counts(created=5)
    assert await shop.rows("SELECT 1 FROM catalog_import_pieces") == []


async def test_files_are_brought_in_in_the_order_in_which_they_came(shop: Shop) -> None:
    for price in ("1.00", "2.00"):
        await _queue(shop, file_of([plain("pot", **{"Variant Price": price})]))
    assert await run_due_imports(shop.database, shop.tenant) == 2
    [row] = await shop.rows("SELECT price_minor, version FROM catalog_v_products")
    assert tuple(row) == (200, 2)


async def test_a_file_of_several_chunks_is_imported_completely(shop: Shop) -> None:
    rows = [plain(f"pot-{number}", **{"Body (HTML)": f"{number} " + "x" * 90_000}) for number in range(30)]
    queued = await _queue(shop, file_of(rows))
    [row] = await shop.rows("SELECT count(*) AS pieces FROM catalog_import_pieces")
    assert row["pieces"] == 3
    await run_due_imports(shop.database, shop.tenant)
    assert (await _read(shop, queued)).counts == Counts(created=30)


async def test_the_import_of_a_dead_worker_is_finished_by_another_and_nothing_is_done_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = await _queue(shop, TWO_BATCHES)
    with monkeypatch.context() as patched:
        _stop_after_the_first_batch(patched, Unavailable())
        with pytest.raises(Unavailable):
            await run_due_imports(shop.database, shop.tenant)
    left = await _read(shop, queued)
    assert (left.status, left.done, left.total, left.counts) == (ImportStatus.RUNNING, 500, 600, Counts(created=500))
    assert len(await _names(shop)) == 500
    assert await run_due_imports(shop.database, shop.tenant) == 0, "the lease still holds"
    await _end_leases(shop)
    assert await run_due_imports(shop.database, shop.tenant) == 1
    done = await _read(shop, queued)
    assert (done.status, done.done, done.counts) == (ImportStatus.COMPLETED, 600, Counts(created=600))
    assert len(await _names(shop)) == 600
    assert {version for _, version in await shop.events()} == {1}


async def test_a_worker_that_was_thought_dead_writes_nothing_more(shop: Shop) -> None:
    await _queue(shop, TWO_BATCHES)

    async def take(tx: Transaction) -> Import:
        taken = await catalog_import.claim_import(tx)
        assert taken is not None
        return taken

    stale = await shop.database.run(shop.tenant, SYSTEM, take)
    await _end_leases(shop)
    assert await run_due_imports(shop.database, shop.tenant) == 1
    traces = await shop.traces()
    for step in (
        partial(
            catalog_import.advance_import,
            job=stale,
            entries=1,
            percent=1,
            batch=ImportedBatch(counts=Counts(), errors=[]),
        ),
        partial(catalog_import.finish_import, job=stale),
        partial(catalog_import.begin_writing, job=stale, note=None, unknown_columns=[]),
    ):
        with pytest.raises(ImportTakenOver):
            await shop.database.run(shop.tenant, SYSTEM, step)
    assert await shop.traces() == traces


async def test_a_defect_fails_the_import_and_is_not_retried_for_ever(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = await _queue(shop, TWO_BATCHES)
    with monkeypatch.context() as patched:
        _stop_after_the_first_batch(patched, ZeroDivisionError())
        await run_due_imports(shop.database, shop.tenant)
    failed = await _read(shop, queued)
    assert (failed.status, failed.counts) == (ImportStatus.FAILED, Counts(created=500))
    assert failed.failure is not None
    assert failed.failure["code"] == "catalog.import_broken"
    assert "ZeroDivision" not in str(failed.failure)
    assert await run_due_imports(shop.database, shop.tenant) == 0


async def test_units_at_other_locations_are_not_subtracted_and_the_product_is_left_out(shop: Shop) -> None:
    pot = await shop.product("Pot", stock=5)
    await shop.move_elsewhere(UUID(pot["variants"][0]["id"]), 4)

    def counted(number: int) -> bytes:
        tracked = {"Variant Inventory Tracker": "shopify", "Variant Inventory Qty": str(number)}
        return file_of([plain("pot", Title="Pot", **tracked), plain("cup")])

    queued = await _queue(shop, counted(3), stock=StockPolicy.OVERWRITE)
    await run_due_imports(shop.database, shop.tenant)
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        errors = await catalog_import.list_errors(tx, queued.id, after=0, limit=10)
    assert [(stored.error.line, stored.error.code) for stored in errors] == [(2, "stock_reserved")]
    assert (await _read(shop, queued)).counts == Counts(created=1, errors=1)
    await _queue(shop, counted(4), stock=StockPolicy.OVERWRITE)
    await run_due_imports(shop.database, shop.tenant)
    rows = await shop.rows("SELECT on_hand FROM inventory_stock ORDER BY on_hand")
    assert [row["on_hand"] for row in rows] == [0, 4]


async def test_an_edit_made_while_a_file_is_brought_in_is_not_lost(shop: Shop) -> None:
    pots = [await shop.product(f"Pot {number}") for number in range(5)]
    await _queue(shop, file_of(plain(f"pot-{number}", Tags="from the file") for number in range(5)))
    edits = [shop.staff.patch(f"/products/{pot['id']}", json={"price": dollars(77)}) for pot in pots]
    answers, _ = await asyncio.gather(asyncio.gather(*edits), run_due_imports(shop.database, shop.tenant))
    made = sum(answer.status_code == 200 for answer in answers)
    events = [version for kind, version in await shop.events() if kind == "catalog.product_changed"]
    versions = await shop.rows("SELECT version FROM catalog_v_products")
    assert sum(row["version"] for row in versions) == 5 + len(events)
    assert len(events) >= made
