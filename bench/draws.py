"""`python -m bench.draws`: lock, draw and prove a raffle with a million tickets, and read its entries over HTTP.

Lock, draw and proof run in separate processes, one after the other, so that each reports its own peak memory. The
tickets are free entries with real salts and commitments, copied into the tables; `luxewin prove` runs at the end.
"""

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import httpx2
import orjson

from bench import sale
from bench.filled_raffle import fill
from bench.report import console, described
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import BeaconSettings, RaffleSecrets, open_beacons
from luxewin.modules.raffles.service import prove_draws
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from tests.program import Program

_LONGER_THAN_THE_SALE = timedelta(days=60)
_LONGEST_ANSWER_SECONDS = 120
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """The cost of a step: elapsed time, CPU time of its process, and peak memory."""

    seconds: float
    cpu_seconds: float
    idle_megabytes: float
    peak_megabytes: float
    report: str = ""


@dataclass(frozen=True, slots=True)
class StepContext:
    """The context of a step."""

    database: Database
    installation: Installation
    tenant: Tenancy
    raffle_id: UUID

    @property
    def secrets(self) -> RaffleSecrets:
        """The keys that decrypt salts and sign."""
        return RaffleSecrets(self.installation.secrets.master_key)


async def _lock(context: StepContext) -> str:
    async def lock(tx: Transaction) -> None:
        raffle, rules = await raffles.find_raffle(tx, context.raffle_id), await raffles.rules_of(tx, context.raffle_id)
        await raffles.lock_raffle(tx, raffle, rules, disputed_orders=(), secrets=context.secrets)

    raffle = await context.database.run(
        context.tenant, SYSTEM, partial(raffles.find_raffle, raffle_id=context.raffle_id)
    )
    closed = replace(context.tenant, clock_offset=raffle.terms.closes_at - datetime.now(UTC))
    await context.database.run(closed, SYSTEM, lock)
    return ""


async def _draw(context: StepContext) -> str:
    settings = context.installation.settings
    async with open_beacons(
        settings.of(BeaconSettings), context.installation.key("beacon"), is_production=False
    ) as beacons:
        rules = await context.database.run(
            context.tenant, SYSTEM, partial(raffles.rules_of, raffle_id=context.raffle_id)
        )
        beacon = beacons.get(beacons.chain.hash, clock_offset=_LONGER_THAN_THE_SALE)
        beacon_round = await beacon.round(rules["round"])

    async def draw(tx: Transaction) -> None:
        raffle = await raffles.find_raffle(tx, context.raffle_id)
        await raffles.draw_raffle(tx, raffle, beacon_round, secrets=context.secrets)

    await context.database.run(context.tenant, SYSTEM, draw)
    return ""


async def _prove(context: StepContext) -> str:
    proof = await context.database.run(context.tenant, SYSTEM, partial(prove_draws.proof, raffle_id=context.raffle_id))
    return f"{len(orjson.dumps(proof)) / 1_000_000:.1f} MB"


STEPS: Mapping[str, Callable[[StepContext], Awaitable[str]]] = {"lock": _lock, "draw": _draw, "proof": _prove}


def run_step(step: str, environment: Mapping[str, str], raffle_id: UUID) -> StepCost:
    """Run a step in this process, which does nothing else."""
    return asyncio.run(_run_step(step, environment, raffle_id))


async def _run_step(step: str, environment: Mapping[str, str], raffle_id: UUID) -> StepCost:
    installation = Installation.find(environment, SETTINGS_EXTENSIONS)
    database = await installation.open_database()
    try:
        tenant = await Directory(database).by_slug(installation.settings.default_tenant)
        assert tenant is not None, "the program has made its default shop"
        idle, cpu, began = _peak_megabytes(), time.process_time(), time.perf_counter()
        report = await STEPS[step](StepContext(database, installation, tenant, raffle_id))
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    finally:
        await database.close()
    return StepCost(
        seconds=seconds, cpu_seconds=cpu_seconds, idle_megabytes=idle, peak_megabytes=_peak_megabytes(), report=report
    )


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    """Measure as the arguments request, and print tables in Markdown."""
    asyncio.run(measure(_arguments()))


async def measure(arguments: argparse.Namespace) -> None:
    """Fill a raffle, run the steps, and read the public data of the raffle over HTTP."""
    with Program(processes=1) as program:
        raffle_id = UUID(await sale.published(program, capacity=arguments.tickets))
        console.print(f"Filling a raffle with {arguments.tickets:,} tickets")
        await fill(Installation.find(program.environment, SETTINGS_EXTENSIONS), raffle_id, tickets=arguments.tickets)
        costs = {}
        for step in STEPS:
            console.print(f"Running the step: {step}")
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
                costs[step] = apart.submit(run_step, step, dict(program.environment), raffle_id).result()
        read_table = _read(program, raffle_id, arguments)
        proved = program.command("prove", seconds=arguments.prove_seconds)
    print(described(f"{arguments.tickets:,} tickets"))
    for line in [*_steps_table(costs), "", *read_table]:
        print(line)
    print(f"\n`luxewin prove` ended with {proved.returncode}.")
    assert proved.returncode == 0, proved.stdout + proved.stderr


def _steps_table(costs: Mapping[str, StepCost]) -> Sequence[str]:
    rows = ["| step | seconds | CPU of the process | peak, MB | at the start, MB | |", "|---|---|---|---|---|---|"]
    return rows + [
        f"| {step} | {it.seconds:.1f} | {it.cpu_seconds:.1f} | {it.peak_megabytes:.0f} | {it.idle_megabytes:.0f}"
        f" | {it.report} |"
        for step, it in costs.items()
    ]


def _read(program: Program, raffle_id: UUID, arguments: argparse.Namespace) -> Sequence[str]:
    """Request inclusion proofs, chunks of the list, and the proof with and without its entries over HTTP."""
    base = f"{program.url}/api/v1/raffles/{raffle_id}"
    apart = max(1, arguments.tickets // arguments.questions)
    numbers = [1 + place * apart for place in range(arguments.questions)]
    rows = ["| over HTTP | first request, ms | further requests, median ms | bytes |", "|---|---|---|---|"]
    with httpx2.Client(timeout=_LONGEST_ANSWER_SECONDS) as client:
        for name, targets in {
            "inclusion of one ticket": [f"{base}/proof?ticket={number}" for number in numbers],
            "16,384 entries": [f"{base}/entries?limit=16384&after={number - 1}" for number in numbers],
            "proof without entries": [f"{base}/proof?entries=false"] * arguments.questions,
            "page of the raffle": [f"{program.url}/raffles/{raffle_id}"] * arguments.questions,
            "complete proof": [f"{base}/proof"],
        }.items():
            rows.append(_time_requests(client, name, targets))
    return rows


def _time_requests(client: httpx2.Client, name: str, targets: Sequence[str]) -> str:
    times, size = [], 0
    for target in targets:
        began = time.perf_counter()
        answer = client.get(target)
        times.append(1000 * (time.perf_counter() - began))
        if answer.status_code != _OK:
            return f"| {name} | {times[0]:,.0f}: rejected with {answer.status_code} | | |"
        size = len(answer.content)
    then = f"{statistics.median(times[1:]):,.1f}" if len(times) > 1 else ""
    return f"| {name} | {times[0]:,.1f} | {then} | {size:,} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.draws", description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000, help="number of tickets")
    parser.add_argument("--questions", type=int, default=50, help="number of requests of each kind over HTTP")
    parser.add_argument("--prove-seconds", type=float, default=900, help="timeout of `luxewin prove`")
    return parser.parse_args()


if __name__ == "__main__":
    main()
