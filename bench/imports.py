"""`python -m bench.imports`: import a product file, compared with PostgreSQL's COPY of the same rows.

Each round imports the file into a new tenant, in a separate process, and then copies all resulting rows into another
new tenant of the same tables, with the same indexes, constraints and triggers. COPY has less to do: its rows are
ready, in the binary format, and it bypasses row-level security as the owner. Both commit to disk.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import psutil
from rich.console import Console

from bench.generated import write_products
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.messaging.listeners import catch_up
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog_import.public import ImportOptions, OnError
from luxewin.modules.inventory import public as inventory
from luxewin.modules.storefront import handlers as storefront
from luxewin.relay import publish_all
from luxewin.workflows.import_catalog.workflow import import_file
from tests.conftest import TestDatabase, make_database
from tests.servers import TestServer, server_pid, start_debian, start_embedded

CATALOGUE = (
    *("catalog_products", "catalog_variants", "catalog_product_categories", "catalog_product_tags"),
    *("inventory_variants", "inventory_stock", "inventory_movements"),
)
TRAIL = ("kit_outbox", "kit_audit", "catalog_import_changes")
_GROUND = ("vendors_vendors", "catalog_categories", "inventory_locations", "catalog_imports")
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped"
    " AND attgenerated = '' AND attidentity = '' ORDER BY attnum"
)
console = Console(stderr=True, highlight=False)


@dataclass(slots=True)
class Round:
    """The figures of one round, in seconds and megabytes."""

    products: int
    imported: float
    process_cpu: float
    database_cpu: float
    peak_megabytes: float
    indexed: float
    copied: dict[str, float] = field(default_factory=dict)
    copy_cpu: float = 0.0

    @property
    def copied_all(self) -> float:
        """The time of COPY for all rows that resulted from the import."""
        return sum(self.copied[table] for table in (*CATALOGUE, *TRAIL))

    @property
    def copied_catalogue(self) -> float:
        """The time of COPY for catalogue and stock, without events, audit and undo."""
        return sum(self.copied[table] for table in CATALOGUE)


def main() -> None:
    """Measure as the arguments request, and print a table in Markdown; in the process of a round, import."""
    if sys.argv[1:2] == ["--import"]:
        asyncio.run(_import(json.loads(sys.argv[2])))
        return
    arguments = _arguments()
    rounds = asyncio.run(measure(arguments))
    for line in table(arguments, rounds):
        print(line)


async def measure(arguments: argparse.Namespace) -> list[Round]:
    """Run the rounds in a separate database server with durable writes."""
    start = start_debian if arguments.debian else start_embedded
    with tempfile.TemporaryDirectory() as folder, start(durable=True) as server:
        file = Path(folder) / "products.csv"
        console.print(f"Writing a file of {arguments.products:,} products")
        write_products(file, products=arguments.products)
        rounds = []
        for number in range(arguments.rounds):
            database = await make_database(server, f"bench_imports_{number}")
            rounds.append(await _round(arguments, server, database, file))
        return rounds


async def _round(arguments: argparse.Namespace, server: TestServer, test_database: TestDatabase, file: Path) -> Round:
    tenant = Tenancy(id=new_id(), slug="imported", currency="USD")
    limits = PoolLimits(size=4, wait_seconds=30, statement_seconds=60)
    database = await Database.open(test_database.role("app"), test_database.role("system"), limits)
    try:
        async with database.begin(tenant, SYSTEM) as tx:
            tx.write(inventory.create_default_location(tx))
        console.print(f"Importing {arguments.products:,} products")
        done = await _imported(arguments, server, test_database, tenant, file)
        owner = await asyncpg.connect(**test_database.owner)
        try:
            copy_id = new_id()
            await _taken_out(owner, tenant.id, copy_id, file.parent)
            console.print("Indexing them for search")
            done.indexed = await _index(database, tenant)
            await owner.execute("ANALYZE")
            console.print("Copying the same rows")
            before = database_seconds(server_pid(server.folder))
            done.copied = await _copied(owner, file.parent)
            done.copy_cpu = database_seconds(server_pid(server.folder)) - before
        finally:
            await owner.close()
    finally:
        await database.close()
    return done


async def _imported(
    arguments: argparse.Namespace, server: TestServer, test_database: TestDatabase, tenant: Tenancy, file: Path
) -> Round:
    """Import the file in a separate process."""
    task = {
        "app": test_database.role("app"),
        "system": test_database.role("system"),
        "tenant": str(tenant.id),
        "file": str(file),
        "on_error": arguments.on_error,
    }
    pid = server_pid(server.folder)
    before = database_seconds(pid)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.imports", "--import", json.dumps(task, default=str)), stdout=subprocess.PIPE
    )
    report, _ = await process.communicate()
    if process.returncode != 0:
        raise SystemExit("the import failed")
    seen = json.loads(report)
    if seen["created"] != arguments.products:
        raise SystemExit(f"{seen['created']} of {arguments.products} products were imported")
    return Round(
        products=arguments.products,
        imported=seen["seconds"],
        process_cpu=seen["cpu_seconds"],
        database_cpu=database_seconds(pid) - before,
        peak_megabytes=seen["peak_megabytes"],
        indexed=0.0,
    )


async def _import(task: Mapping[str, Any]) -> None:
    """Import in this process, and print its cost as JSON."""
    database = await Database.open(task["app"], task["system"], PoolLimits(size=2, wait_seconds=30))
    tenant = Tenancy(id=UUID(task["tenant"]), slug="imported", currency="USD")
    options = ImportOptions(on_error=OnError(task["on_error"]))
    began = time.perf_counter()
    report = await import_file(database, tenant, Path(task["file"]), options)
    seconds = time.perf_counter() - began
    await database.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    seen = {
        "created": report.created,
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_megabytes": used.ru_maxrss / 1024,
    }
    print(json.dumps(seen))


async def _index(database: Database, tenant: Tenancy) -> float:
    """Publish the events and update the search index; return the duration in seconds."""
    began = time.perf_counter()
    await publish_all(database)
    await catch_up(database, tenant, storefront.LISTENER)
    seconds = time.perf_counter() - began
    async with database.begin(tenant, SYSTEM) as tx:
        unindexed = await tx.fetchval(
            "SELECT count(*) FROM catalog_v_products p LEFT JOIN storefront_search s ON s.tenant_id = p.tenant_id"
            " AND s.product_id = p.id AND s.product_version = p.version WHERE p.tenant_id = $1"
            " AND s.product_id IS NULL",
            tenant.id,
        )
    if unindexed:
        raise SystemExit(f"{unindexed} products are not in the index")
    return seconds


async def _taken_out(owner: asyncpg.Connection, tenant_id: UUID, copy_id: UUID, folder: Path) -> None:
    """Write the tenant's rows to files, as rows of the other tenant."""
    for table in (*_GROUND, *CATALOGUE, *TRAIL):
        columns = [row["attname"] for row in await owner.fetch(_COLUMNS, table)]
        chosen = ", ".join(f"'{copy_id}'::uuid" if name == "tenant_id" else f'"{name}"' for name in columns)
        query = f"SELECT {chosen} FROM {table} WHERE tenant_id = '{tenant_id}'"
        await owner.copy_from_query(query, output=folder / f"{table}.copy", format="binary")


async def _copied(owner: asyncpg.Connection, folder: Path) -> dict[str, float]:
    """Copy the files into their tables, each in its own commit; return how many seconds each took."""
    seconds = {}
    for table in (*_GROUND, *CATALOGUE, *TRAIL):
        columns = [row["attname"] for row in await owner.fetch(_COLUMNS, table)]
        began = time.perf_counter()
        await owner.copy_to_table(table, source=folder / f"{table}.copy", columns=columns, format="binary")
        seconds[table] = time.perf_counter() - began
    return seconds


def table(arguments: argparse.Namespace, rounds: Sequence[Round]) -> Sequence[str]:
    """Return the figures: the rates of both, their ratio, memory, CPU time."""
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    heads = (
        *("round", "imported per second", "COPY, all rows", "share", "COPY, catalogue and stock alone", "share"),
        *("peak MB", "CPU s, process + database", "CPU s of COPY", "index caught up after s"),
    )
    rows = [
        f"{arguments.products:,} products in one file, `on_error={arguments.on_error}`; {load}.",
        "",
        f"| {' | '.join(heads)} |",
        "|---" * len(heads) + "|",
    ]
    for number, each in enumerate(rounds, start=1):
        rate = each.products / each.imported
        every, catalogue = each.products / each.copied_all, each.products / each.copied_catalogue
        rows.append(
            f"| {number} | {rate:,.0f} | {every:,.0f} | {rate / every:.0%} | {catalogue:,.0f} | {rate / catalogue:.0%}"
            f" | {each.peak_megabytes:.0f} | {each.process_cpu:.1f} + {each.database_cpu:.1f} | {each.copy_cpu:.1f}"
            f" | {each.indexed:.1f} |"
        )
    return rows


def database_seconds(postmaster: int) -> float:
    """Return the CPU time that a database server has used so far, its ended processes included."""
    family = [psutil.Process(postmaster), *psutil.Process(postmaster).children(recursive=True)]
    seconds = 0.0
    for process in family:
        used = process.cpu_times()
        seconds += used.user + used.system + used.children_user + used.children_system
    return seconds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.imports", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000, help="how many the file holds")
    parser.add_argument("--rounds", type=int, default=1, help="how often both are measured, in turn")
    parser.add_argument("--on-error", choices=[each.value for each in OnError], default=OnError.ABORT.value)
    parser.add_argument("--debian", action="store_true", help="on PostgreSQL 15 as Debian packs it")
    return parser.parse_args()


if __name__ == "__main__":
    main()
