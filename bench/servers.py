"""The two servers that are measured: LuxeWin as a user starts it, and the baseline server."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg

from bench import baseline, shop
from bench.connection import Connection, request
from bench.load import Step
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.runtime.installation import Installation
from tests.program import Program
from tests.servers import server_pid

_BASELINE_DATABASE = "bench_baseline"
_PRODUCTS_BOUGHT = 200
_LOOPBACK = "127.0.0.1"
_POLL_SECONDS = 0.02
_EVENTS_WAITING = "SELECT EXISTS (SELECT FROM kit_outbox)"
_UNDONE = """
SELECT EXISTS (SELECT FROM kit_outbox) OR EXISTS (SELECT FROM kit_audit WHERE seal_number IS NULL)
    OR EXISTS (SELECT FROM ledger_transfers WHERE seal_number IS NULL)
    OR EXISTS (SELECT FROM kit_positions p WHERE p.sequence
        < (SELECT max(l.sequence) FROM kit_event_log l WHERE l.tenant_id = p.tenant_id))
"""
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Server:
    """A server under load: its address, its operations, and the parent of its processes."""

    name: str
    host: str
    port: int
    pid: int
    steps: Mapping[str, Step]


@dataclass(frozen=True, slots=True)
class BenchShop:
    """The running program with this number of products, and the administrator of its database.

    `start_seconds` is the duration of a warm start: of an installation that was stopped in order, until the program
    reports that it is ready and the first request was answered.
    """

    program: Program
    installation: Installation
    admin: "asyncpg.Connection[asyncpg.Record]"
    start_seconds: float

    @property
    def host(self) -> str:
        """The address of the program."""
        return urlsplit(self.program.url).hostname or _LOOPBACK

    @property
    def port(self) -> int:
        """The address of the program."""
        port = urlsplit(self.program.url).port
        assert port is not None, "the program has report its port"
        return port

    @property
    def database_pid(self) -> int:
        """The parent of all processes of the database."""
        return server_pid(self.program.folder)

    def api_pids(self) -> list[int]:
        """Return the processes that answer HTTP."""
        return [process.pid for process in self.program.processes("api")]

    async def server(self, *, products: int) -> Server:
        """Return the program as a server; its buyers choose among some of its products."""
        ids = await _product_ids(self.host, self.port, products)
        return Server("LuxeWin", self.host, self.port, self.program.pid, shop.steps(ids))

    async def settled(self) -> None:
        """Wait until the relay has published all events."""
        while await self.admin.fetchval(_EVENTS_WAITING):  # noqa: ASYNC110 - another process can only be polled
            await asyncio.sleep(_POLL_SECONDS)

    async def caught_up(self) -> None:
        """Wait until all events are published and handled, and every chain is sealed."""
        while await self.admin.fetchval(_UNDONE):  # noqa: ASYNC110 - another process can only be polled
            await asyncio.sleep(_POLL_SECONDS)


@asynccontextmanager
async def open_bench_shop(
    *, products: int, report: Report, environment: Mapping[str, str] | None = None
) -> AsyncIterator[BenchShop]:
    """Start a new installation and import this number of products."""
    report("Starting LuxeWin for the first time")
    with Program(processes=1, folder=None, **(environment or {})) as program:
        program.stop()
        file = program.folder / "catalogue.csv"
        shop.write_catalogue(file, products=products)
        start_seconds = await _start(program)
        report(f"Importing {products:,} products")
        imported = program.command("import", str(file))
        assert imported.returncode == 0, imported.stdout + imported.stderr
        installation = Installation.find(program.environment, SETTINGS_EXTENSIONS)
        admin = await asyncpg.connect(**installation.owner.connect_arguments())
        try:
            bench_shop = BenchShop(program, installation, admin, start_seconds)
            await bench_shop.caught_up()
            await admin.execute("ANALYZE")
            yield bench_shop
        finally:
            await admin.close()


async def _start(program: Program) -> float:
    began = time.perf_counter()
    program.start()
    address = urlsplit(program.url)
    connection = await Connection.open(address.hostname or _LOOPBACK, address.port or 0)
    await connection.send(request("GET", f"{shop.API}/products"), expect=200)
    connection.close()
    return time.perf_counter() - began


@asynccontextmanager
async def start_baseline(bench_shop: BenchShop, *, products: int) -> AsyncIterator[Server]:
    """Run the baseline server with the program, on the same database server."""
    with baseline_server(await _baseline_database(bench_shop.installation, products)) as (pid, port):
        yield Server("baseline", _LOOPBACK, port, pid, baseline.steps(shop.WORDS, products=products))


@contextmanager
def baseline_server(database: str) -> Iterator[tuple[int, int]]:
    """Run the baseline server in a separate process, on a free port; yield the process id and the port."""
    with socket.create_server((_LOOPBACK, 0)) as probe:
        port = probe.getsockname()[1]
    flags = ["--host", _LOOPBACK, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "bench.baseline:app", "--loop", "uvloop", "--http", "httptools", *flags],
        env={**os.environ, baseline.DATABASE_VARIABLE: database},
    ) as process:
        try:
            _wait_for(port, process)
            yield process.pid, port
        finally:
            process.terminate()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection((_LOOPBACK, port)):
            return
        time.sleep(_POLL_SECONDS)
    raise RuntimeError(f"the baseline ended with status {process.returncode}")


async def _baseline_database(installation: Installation, products: int) -> str:
    """Create the tables of the baseline in a separate database; return its connection arguments as JSON."""
    admin = await asyncpg.connect(**installation.owner.connect_arguments())
    await admin.execute(f"CREATE DATABASE {_BASELINE_DATABASE}")
    await admin.close()
    arguments = installation.owner.of_database(_BASELINE_DATABASE).connect_arguments()
    owner = await asyncpg.connect(**arguments)
    await owner.execute(baseline.SCHEMA)
    await owner.execute(baseline.FILL, products)
    await owner.execute("ANALYZE")
    await owner.close()
    return json.dumps(arguments)


async def _product_ids(host: str, port: int, products: int) -> list[str]:
    """Return the ids of some of the products, evenly chosen."""
    connection = await Connection.open(host, port)
    chosen = range(0, products, max(1, products // _PRODUCTS_BOUGHT))
    pages = [request("GET", f"{shop.API}/products/{shop.handle(number)}") for number in chosen]
    ids = [(await connection.send(page, expect=200)).json()["id"] for page in pages]
    connection.close()
    return ids
