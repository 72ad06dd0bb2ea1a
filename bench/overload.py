"""`python -m bench.overload`: the work done at one, two and three times the capacity.

The mix is reads (half lists, half details, not cached), filled carts, and orders with payment. First, clients in
closed loops determine the capacity for each operation and for the mix. Then the mix arrives at a fixed rate from a
separate process with a limited number of connections. Because requests of a high priority are served first, the
served mix differs between loads. For this reason *work* weights each operation with the time that it takes without
load, and goodput is the work done per second.

Server, database and clients share the machine; the table shows the clients' share of the processor.
"""

import argparse
import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from statistics import quantiles
from time import perf_counter
from typing import Self
from urllib.parse import urlsplit

import asyncpg
import orjson
from rich.console import Console

from bench import shop
from bench.connection import Connection, request
from bench.offer import CUT, SILENT, UNSENT, Offer, Outcome
from bench.usage import memory_megabytes, used_by
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.runtime.installation import Installation
from tests.program import Program
from tests.servers import server_pid

MIX = {"list": 35, "detail": 35, "cart": 20, "order": 10}
TIMES = (1, 2, 3)
LEAST_SHARE = 0.8
_ALLOWED = {503, 429, UNSENT}
_WORDS = {CUT: "cut off", SILENT: "no answer", UNSENT: "unsent"}
_WARM_UP_SECONDS = 2.0
_PROBE_SECONDS = 0.1
_PRODUCTS_BOUGHT = 200
_LIVE = request("GET", "/health/live")
_READY = request("GET", "/health/ready")

console = Console(stderr=True, highlight=False)


@dataclass(frozen=True, slots=True)
class BenchShop:
    """The shop that is measured."""

    host: str
    port: int
    products: Sequence[str]
    supervisor: int
    api: int
    database: int


@dataclass(slots=True)
class Run:
    """The outcome and the cost of one offer, or of several of a kind."""

    outcome: Outcome = field(default_factory=Outcome)
    server_cpu_seconds: float = 0.0
    database_cpu_seconds: float = 0.0
    memory_megabytes: float = 0.0
    probes_seconds: list[float] = field(default_factory=list)
    probes_failed: int = 0

    def __iadd__(self, other: "Run") -> Self:
        self.outcome += other.outcome
        self.server_cpu_seconds += other.server_cpu_seconds
        self.database_cpu_seconds += other.database_cpu_seconds
        self.memory_megabytes = max(self.memory_megabytes, other.memory_megabytes)
        self.probes_seconds += other.probes_seconds
        self.probes_failed += other.probes_failed
        return self

    def served(self, *steps: str) -> int:
        """Return the number of completed operations of these kinds, or of all kinds."""
        return sum(len(self.outcome.served_seconds.get(step, ())) for step in steps or MIX)

    def refused(self) -> Counter[int]:
        """Return the number of rejected operations, by status."""
        total = Counter[int]()
        for statuses in self.outcome.refused.values():
            total.update({int(status): many for status, many in statuses.items()})
        return total

    def times_ms(self) -> tuple[float, float]:
        """Return the median and the 95th percentile of the durations of served operations, in milliseconds."""
        return _p50_p95_ms([second for seconds in self.outcome.served_seconds.values() for second in seconds])

    def work(self, costs: Mapping[str, float]) -> float:
        """Return the work per second; 1 is the work of operations of a single kind."""
        return sum(self.served(step) * cost for step, cost in costs.items()) / self.outcome.seconds

    def cores(self) -> float:
        """Return the number of cores that the shop and its database used."""
        return (self.server_cpu_seconds + self.database_cpu_seconds) / self.outcome.seconds


def main() -> None:
    """Measure, print a table in Markdown and the verdict; exit with 1 if a goal was missed."""
    arguments = _arguments()
    with _bench_shop(arguments.products) as bench_shop:
        cached = asyncio.run(measure(bench_shop, arguments))
    sys.exit(0 if cached else 1)


async def measure(bench_shop: BenchShop, arguments: argparse.Namespace) -> bool:
    """Find the capacity, apply one, two and three times as much load, and return whether all goals were reached.

    All loads alternate in rounds, so that a slow minute of the machine affects all of them.
    """
    await run(bench_shop, "warm up", MIX, _WARM_UP_SECONDS, arguments.clients)
    alone = {step: Run() for step in MIX}
    mixed = {name: Run() for name in ("capacity", *(f"{times} ×" for times in TIMES))}
    for turn in range(arguments.rounds):
        console.print(f"Round {turn + 1} of {arguments.rounds}")
        for step in MIX:
            alone[step] += await run(bench_shop, f"{step} {turn}", {step: 1}, arguments.seconds / 2, arguments.clients)
        mixed["capacity"] += await run(bench_shop, f"capacity {turn}", MIX, arguments.seconds, arguments.clients)
        capacity = mixed["capacity"].served() / mixed["capacity"].outcome.seconds
        for times in TIMES:
            offer = run(
                bench_shop, f"{times} {turn}", MIX, arguments.seconds, arguments.connections, rate=times * capacity
            )
            mixed[f"{times} ×"] += await offer
    costs = {step: whole.outcome.seconds / whole.served(step) for step, whole in alone.items()}
    for line in [*describe(costs, arguments), *table(mixed, costs)]:
        print(line)
    return verdict(mixed, costs)


async def run(
    bench_shop: BenchShop,
    name: str,
    mix: Mapping[str, int],
    seconds: float,
    connections: int,
    *,
    rate: float | None = None,
) -> Run:
    """Apply one load, and probe the health of the shop during it."""
    offer = Offer(
        host=bench_shop.host,
        port=bench_shop.port,
        run=name.replace(" ", "-"),
        products=bench_shop.products,
        mix=mix,
        seconds=seconds,
        connections=connections,
        rate=rate,
    )
    before = used_by(bench_shop.supervisor, bench_shop.database)
    clients = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.offer", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    done = Run()
    probing = asyncio.create_task(_probe(bench_shop, done))
    try:
        output, _ = await clients.communicate(orjson.dumps(asdict(offer)))
    finally:
        probing.cancel()
    assert clients.returncode == 0, "the clients failed"
    after = used_by(bench_shop.supervisor, bench_shop.database)
    done.outcome = Outcome(**orjson.loads(output))
    done.server_cpu_seconds = after.server_seconds - before.server_seconds
    done.database_cpu_seconds = after.database_seconds - before.database_seconds
    done.memory_megabytes = memory_megabytes(bench_shop.api)
    return done


async def _probe(bench_shop: BenchShop, run: Run) -> None:
    connection = await Connection.open(bench_shop.host, bench_shop.port)
    while True:
        for question in (_LIVE, _READY):
            sent_at = perf_counter()
            status = (await connection.ask(question)).status
            run.probes_seconds.append(perf_counter() - sent_at)
            run.probes_failed += status != 200  # noqa: PLR2004 - the status of a healthy shop
        await asyncio.sleep(_PROBE_SECONDS)


def describe(costs: Mapping[str, float], arguments: argparse.Namespace) -> Sequence[str]:
    """Describe the measurement and the cost of each operation."""
    alone = ", ".join(f"{step} {1 / cost:,.0f}/s" for step, cost in costs.items())
    mix = ", ".join(f"{share} % {step}" for step, share in MIX.items())
    how = (
        f"{arguments.rounds} rounds of {arguments.seconds:g} s each, {arguments.clients} clients in closed loops, "
        f"{arguments.connections} connections in open ones"
    )
    return [f"One API process; mix: {mix}; {how}.", f"Alone: {alone}.", ""]


def table(mixed: Mapping[str, Run], costs: Mapping[str, float]) -> Sequence[str]:
    """Return one row for the capacity and one for each offer."""
    best = max(run.work(costs) for run in mixed.values())
    head = (
        *("offered", "served: list, detail, cart, order", "steps a second", "work", "of the maximum", "work a core"),
        *("p50 / p95 ms", "rejected", "health p50 / p95 ms, failed", "server + database + clients, cores", "MB"),
    )
    rows = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name, run in mixed.items():
        seconds, work = run.outcome.seconds, run.work(costs)
        half, most = run.times_ms()
        probe_half, probe_most = _p50_p95_ms(run.probes_seconds)
        cores = (run.server_cpu_seconds, run.database_cpu_seconds, run.outcome.cpu_seconds)
        rows.append(
            f"| {name} | {', '.join(_share_served(run, step) for step in MIX)} | {run.served() / seconds:,.0f} "
            f"| {work:.2f} | {work / best:.0%} | {work / run.cores():.2f} | {half:.0f} / {most:.0f} "
            f"| {_body(run.refused())} | {probe_half:.1f} / {probe_most:.1f}, {run.probes_failed} "
            f"| {' + '.join(f'{used / seconds:.2f}' for used in cores)} | {run.memory_megabytes:.0f} |"
        )
    return rows


def verdict(mixed: Mapping[str, Run], costs: Mapping[str, float]) -> bool:
    """Print whether goodput holds and every rejection has an allowed status; return whether both are true."""
    last = mixed[f"{TIMES[-1]} ×"]
    share = last.work(costs) / max(run.work(costs) for run in mixed.values())
    refused = sum((run.refused() for run in mixed.values()), Counter[int]())
    unexpected = Counter({status: many for status, many in refused.items() if status not in _ALLOWED})
    unhealthy = sum(run.probes_failed for run in mixed.values())
    print()
    print(f"Goodput at {TIMES[-1]} × capacity is {share:.0%} of the maximum: {_yes(share >= LEAST_SHARE)}.")
    print(f"Only 503 and 429 were returned: {_yes(not unexpected)}. {_body(unexpected) if unexpected else ''}".rstrip())
    print(f"Health checks succeeded throughout: {_yes(not unhealthy)}.")
    return share >= LEAST_SHARE and not unexpected and not unhealthy


def _share_served(run: Run, step: str) -> str:
    served = run.served(step)
    arguments = served + sum(run.outcome.refused.get(step, {}).values())
    return f"{served / arguments:.0%}" if arguments else "–"


def _body(refused: Counter[int]) -> str:
    return ", ".join(f"{_WORDS.get(status, status)}: {many:,}" for status, many in sorted(refused.items())) or "–"


def _yes(cached: bool) -> str:  # noqa: FBT001 - it formats the flag
    return "yes" if cached else "NO"


def _p50_p95_ms(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) < 2:  # noqa: PLR2004 - quantiles need two
        return (0.0, 0.0)
    parts = quantiles(seconds, n=20)
    return 1000 * parts[9], 1000 * parts[18]


@contextmanager
def _bench_shop(products: int) -> Iterator[BenchShop]:
    """Start a shop with one API process and this number of products, in its own folder and on its own port."""
    console.print("Starting LuxeWin and importing the catalogue")
    with Program(processes=1) as program:
        file = program.folder / "catalogue.csv"
        shop.write_catalogue(file, products=products)
        imported = program.command("import", str(file))
        assert imported.returncode == 0, imported.stdout + imported.stderr
        address = urlsplit(program.url)
        assert address.hostname is not None
        assert address.port is not None
        asyncio.run(_analyse(Installation.find(program.environment, SETTINGS_EXTENSIONS)))
        ids = asyncio.run(_product_ids(address.hostname, address.port, products))
        yield BenchShop(
            address.hostname,
            address.port,
            ids,
            program.pid,
            program.processes("api")[0].pid,
            server_pid(program.folder),
        )


async def _analyse(installation: Installation) -> None:
    """Analyse the tables of the catalogue, as the database does by itself after a minute."""
    owner = await asyncpg.connect(**installation.owner.connect_arguments())
    await owner.execute("ANALYZE")
    await owner.close()


async def _product_ids(host: str, port: int, products: int) -> list[str]:
    connection = await Connection.open(host, port)
    chosen = range(0, products, max(1, products // _PRODUCTS_BOUGHT))
    pages = [request("GET", f"{shop.API}/products/{shop.handle(number)}") for number in chosen]
    ids = [str((await connection.send(page, expect=200)).json()["id"]) for page in pages]
    connection.close()
    return ids


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("--products", type=int, default=1000, help="how many the shop holds")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long each offer lasts")
    parser.add_argument("--clients", type=int, default=16, help="at once, while the capacity is sought")
    parser.add_argument("--connections", type=int, default=500, help="at most, while more is offered")
    return parser.parse_args()


if __name__ == "__main__":
    main()
