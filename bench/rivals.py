"""The two servers that are measured: the program as a person starts it, and the bare floor beside it."""

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

from bench import floor, shop
from bench.connection import Connection, request
from bench.load import Step
from luxewin.kit.installation import Installation
from tests.program import Program
from tests.servers import server_pid

_FLOOR_DATABASE = "bench_floor"
_PRODUCTS_BOUGHT = 200
_LOOPBACK = "127.0.0.1"
_LOOK_AGAIN_SECONDS = 0.02
_EVENTS_WAITING = "SELECT count(*) FROM kit_outbox"


@dataclass(frozen=True, slots=True)
class Rival:
    """A server under load: where it listens, what it is asked, and the process that its others descend from."""

    name: str
    host: str
    port: int
    pid: int
    steps: Mapping[str, Step]


@dataclass(frozen=True, slots=True)
class Arena:
    """Both servers, the database server they share, and how long the program's program start and answer took."""

    floor: Rival
    shop: Rival
    database_pid: int
    start_seconds: float
    admin: "asyncpg.Connection[asyncpg.Record]"

    async def events_waiting(self) -> int:
        """Return how many facts the relay has still to publish."""
        return int(await self.admin.fetchval(_EVENTS_WAITING))


@asynccontextmanager
async def arena(*, products: int, tell: Callable[[str], None]) -> AsyncIterator[Arena]:
    """Start both, each with so many products, and tell what is going on."""
    tell("Starting LuxeWin for the first time")
    with Program(processes=1) as program:
        program.stop()
        file = program.folder / "catalogue.csv"
        shop.write_catalogue(file, products=products)
        began = time.perf_counter()
        program.start()
        start_seconds = time.perf_counter() - began
        tell(f"Importing {products:,} products")
        imported = program.command("import", str(file))
        assert imported.returncode == 0, imported.stdout + imported.stderr
        installation = Installation.find(program.environment)
        admin = await asyncpg.connect(**installation.owner.connect_arguments())
        try:
            await admin.execute("ANALYZE")
            with floor_server(await _floor_database(installation, products)) as (pid, port):
                address = urlsplit(program.url)
                assert address.hostname is not None
                assert address.port is not None
                ids = await _product_ids(address.hostname, address.port, products)
                yield Arena(
                    Rival("floor", _LOOPBACK, port, pid, floor.steps(shop.WORDS, products=products)),
                    Rival("LuxeWin", address.hostname, address.port, program.pid, shop.steps(ids)),
                    server_pid(program.folder),
                    start_seconds,
                    admin,
                )
        finally:
            await admin.close()


@contextmanager
def floor_server(database: str) -> Iterator[tuple[int, int]]:
    """Run the floor in a process of its own, on a port that was free; give the ids of both."""
    with socket.create_server((_LOOPBACK, 0)) as probe:
        port = probe.getsockname()[1]
    flags = ["--host", _LOOPBACK, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "bench.floor:app", "--loop", "uvloop", "--http", "httptools", *flags],
        env={**os.environ, floor.DATABASE_VARIABLE: database},
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
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise RuntimeError(f"the floor ended with status {process.returncode}")


async def _floor_database(installation: Installation, products: int) -> str:
    """Make the floor's tables in a database of their own; return what it connects with, as JSON."""
    admin = await asyncpg.connect(**installation.owner.connect_arguments())
    await admin.execute(f"CREATE DATABASE {_FLOOR_DATABASE}")
    await admin.close()
    arguments = installation.owner.of_database(_FLOOR_DATABASE).connect_arguments()
    owner = await asyncpg.connect(**arguments)
    await owner.execute(floor.SCHEMA)
    await owner.execute(floor.FILL, products)
    await owner.execute("ANALYZE")
    await owner.close()
    return json.dumps(arguments)


async def _product_ids(host: str, port: int, products: int) -> list[str]:
    """Return the ids of some of the imported products, evenly chosen."""
    connection = await Connection.open(host, port)
    chosen = range(0, products, max(1, products // _PRODUCTS_BOUGHT))
    pages = [request("GET", f"{shop.API}/products/{shop.handle(number)}") for number in chosen]
    ids = [(await connection.send(page, expect=200)).json()["id"] for page in pages]
    connection.close()
    return ids
