"""Imports while other requests change the same products."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from luxewin.kit.access import SYSTEM
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import ImportStatus, OnError
from luxewin.workflows.import_catalog.workflow import run_due_imports
from tests.modules.catalog.shop import Shop, dollars
from tests.workflows.import_catalog.desk import Desk, codes_of, counts_of
from tests.workflows.import_catalog.files import file_of, plain

PRODUCTS = 30


def _file(tags: str) -> bytes:
    return file_of(plain(f"pot-{number}", Tags=tags) for number in range(PRODUCTS))


@asynccontextmanager
async def _edited_all_the_time(shop: Shop, product_ids: Sequence[str]) -> AsyncIterator[None]:
    """Change these products again and again, by several clients, until the block ends."""
    ended = asyncio.Event()

    async def edit(own: Sequence[str]) -> None:
        for price in count(1):
            for product_id in own:
                if ended.is_set():
                    return
                await shop.staff.patch(f"/products/{product_id}", json={"price": dollars(price)})

    editors = [asyncio.create_task(edit(product_ids[number::3])) for number in range(3)]
    try:
        yield
    finally:
        ended.set()
        await asyncio.gather(*editors)


@asynccontextmanager
async def _locked(shop: Shop, product_id: str) -> AsyncIterator[None]:
    """Hold the lock of a product, as a request does that takes very long, until the block ends."""
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        await tx.fetch("SELECT FROM catalog_products WHERE id = $1 FOR NO KEY UPDATE", product_id)
        yield


async def _pots(shop: Shop) -> list[Any]:
    return await shop.rows("SELECT id, slug, tags, version FROM catalog_v_products ORDER BY slug")


async def test_an_import_of_products_that_are_edited_all_the_time_is_completed(shop: Shop, desk: Desk) -> None:
    await desk.import_file(_file("before"))
    async with _edited_all_the_time(shop, [str(pot["id"]) for pot in await _pots(shop)]):
        report = await desk.import_file(_file("after"), on_error=OnError.ABORT)
    assert (report.status, counts_of(report)) == (ImportStatus.COMPLETED, (0, PRODUCTS, 0, 0))
    assert [pot["tags"] for pot in await _pots(shop)] == [["after"]] * PRODUCTS


async def test_an_undo_of_products_that_are_edited_all_the_time_leaves_the_edits(shop: Shop, desk: Desk) -> None:
    await desk.import_file(_file("before"))
    changed = await desk.import_file(_file("after"))
    edited = [str(pot["id"]) for pot in await _pots(shop)][::2]
    undo = await shop.database.run(shop.tenant, SYSTEM, lambda tx: catalog_import.queue_undo(tx, changed.import_id))
    async with _edited_all_the_time(shop, edited):
        assert await run_due_imports(shop.database, shop.tenant) == 1
    done = await shop.database.run(shop.tenant, SYSTEM, lambda tx: catalog_import.find_import(tx, undo.id))
    assert done.status in {ImportStatus.COMPLETED, ImportStatus.COMPLETED_WITH_ERRORS}
    restored = [pot for pot in await _pots(shop) if pot["tags"] == ["before"]]
    assert len(restored) == PRODUCTS - done.counts.errors >= PRODUCTS - len(edited)


async def test_a_product_that_stays_locked_is_left_out_and_named(shop: Shop, desk: Desk) -> None:
    await desk.import_file(_file("before"))
    locked = (await _pots(shop))[4]
    async with _locked(shop, locked["id"]):
        report = await desk.import_file(_file("after"))
    assert counts_of(report) == (0, PRODUCTS - 1, 0, 1)
    [error] = report.errors
    assert error.code == "product_busy"
    assert repr(locked["slug"]) in error.message
    assert [pot["slug"] for pot in await _pots(shop) if pot["tags"] == ["before"]] == [locked["slug"]]


async def test_a_product_that_stays_locked_is_left_out_of_an_undo(shop: Shop, desk: Desk) -> None:
    await desk.import_file(_file("before"))
    await desk.import_file(_file("after"))
    locked = (await _pots(shop))[4]
    async with _locked(shop, locked["id"]):
        report = await desk.undo()
    assert [code for _, _, code in codes_of(report)] == ["product_busy"]
    assert [pot["slug"] for pot in await _pots(shop) if pot["tags"] == ["after"]] == [locked["slug"]]
