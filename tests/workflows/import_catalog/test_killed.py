"""A worker that is killed in the middle of an import."""

import asyncio
import json
import signal
import sys

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import Counts, Import, ImportOptions, ImportStatus, Phase
from luxewin.workflows.import_catalog.workflow import run_due_imports
from tests.conftest import TestDatabase
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.files import chunks_of, file_of, plain

PRODUCTS = 2_500
LONGEST_WAIT_SECONDS = 120
WORKER = """
import asyncio, json, sys
from uuid import UUID
from luxewin.kit.database import Database, PoolLimits
from luxewin.kit.tenancy import Tenancy
from luxewin.workflows.import_catalog.workflow import run_due_imports

async def work(task):
    database = await Database.open(task["app"], task["system"], PoolLimits(size=2, wait_seconds=10))
    await run_due_imports(database, Tenancy(id=UUID(task["tenant"]), slug="shop", currency="USD"))

asyncio.run(work(json.loads(sys.argv[1])))
"""


async def _read(shop: Shop, queued: Import) -> Import:
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        return await catalog_import.find_import(tx, queued.id)


@pytest.mark.parametrize("phase", Phase)
async def test_an_import_continues_after_the_last_batch_of_its_killed_worker(
    shop: Shop, test_database: TestDatabase, phase: Phase
) -> None:
    tracked = {"Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "3"}
    file = file_of(plain(f"pot-{number}", **tracked, **{"Variant SKU": f"P{number}"}) for number in range(PRODUCTS))
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        job = await catalog_import.queue_import(tx, chunks_of(file), file_name="p.csv", options=ImportOptions())
    expected = Counts(created=PRODUCTS)
    if phase is Phase.UNDOING:
        await run_due_imports(shop.database, shop.tenant)
        async with shop.database.begin(shop.tenant, SYSTEM) as tx:
            job = await catalog_import.queue_undo(tx, job.id)
        expected = Counts(changed=PRODUCTS)
    left = await _killed_while(shop, test_database, job, phase)
    assert (left.status, left.phase) == (ImportStatus.RUNNING, phase)
    assert 0 < left.done < PRODUCTS

    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        await tx.connection.execute("UPDATE catalog_imports SET lease_until = now() WHERE lease_until IS NOT NULL")
    assert await run_due_imports(shop.database, shop.tenant) == 1
    done = await _read(shop, job)
    assert (done.status, done.done, done.total, done.counts) == (
        ImportStatus.COMPLETED,
        PRODUCTS,
        PRODUCTS,
        expected,
    )
    lives = 0 if phase is Phase.UNDOING else PRODUCTS
    [row] = await shop.rows(
        "SELECT (SELECT count(*) FROM catalog_v_products) AS products,"
        " (SELECT count(*) FROM catalog_variants WHERE deleted_at IS NULL) AS variants,"
        " (SELECT count(*) FROM inventory_stock) AS stock, (SELECT sum(delta) FROM inventory_movements) AS pieces"
    )
    assert tuple(row) == (lives, lives, PRODUCTS, 3 * PRODUCTS)
    events = await shop.events()
    assert sum(kind == "catalog.product_created" for kind, _ in events) == PRODUCTS
    assert sum(kind == "catalog.product_deleted" for kind, _ in events) == PRODUCTS - lives


async def _killed_while(shop: Shop, test_database: TestDatabase, job: Import, phase: Phase) -> Import:
    """Start a separate worker, and kill it when it has entered the phase; return the import afterwards."""
    task = {"app": test_database.role("app"), "system": test_database.role("system"), "tenant": str(shop.tenant.id)}
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, json.dumps(task, default=str))
    async with asyncio.timeout(LONGEST_WAIT_SECONDS):
        while (now := await _read(shop, job)).phase is not phase or not now.done:
            assert worker.returncode is None, "the worker was done before it could be killed"
            await asyncio.sleep(0)
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    return await _read(shop, job)
