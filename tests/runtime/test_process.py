"""A process of the program: its shutdown, and the query plans of its connections."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from luxewin.kit.pools import PoolLimits, open_pool
from tests.conftest import TestDatabase

FINISHING = """
import asyncio
from luxewin.runtime.process import run_process

async def work(installation, ready):
    print("working", flush=True)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        print("finishing", flush=True)
        await asyncio.to_thread(input)
        print("finished", flush=True)

run_process(work, role="worker", extensions=())
"""


def test_a_second_signal_does_not_interrupt_the_shutdown(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LUXEWIN_")}
    with subprocess.Popen(
        [sys.executable, "-c", FINISHING],
        env={**environment, "LUXEWIN_DATA_DIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "working\n"
        program.send_signal(signal.SIGTERM)
        assert program.stdout.readline() == "finishing\n"
        program.send_signal(signal.SIGTERM)
        assert program.communicate("go on\n")[0] == "finished\n"


async def test_a_plan_for_a_small_table_fits_a_large_one(test_database: TestDatabase) -> None:
    pool = await open_pool(test_database.owner, PoolLimits(), size=1)
    async with pool, pool.acquire() as connection, connection.transaction():
        await connection.execute("CREATE TEMPORARY TABLE growing (id integer PRIMARY KEY) ON COMMIT DROP")
        await connection.execute("INSERT INTO growing VALUES (1), (2), (3)")
        await connection.execute("ANALYZE growing")
        plan = await connection.fetch("EXPLAIN SELECT FROM growing WHERE id = $1", 2)
    assert "using growing_pkey" in plan[0][0]
