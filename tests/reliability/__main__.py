"""`make soak`: run kill cycles and rushes for a long time; print the seed, to repeat a run, and the results."""

import argparse
import asyncio
import random
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.program import Program
from tests.reliability.cycles import API_PROCESSES, Fault, Report, faults, run_cycles
from tests.reliability.harness import Harness
from tests.reliability.rush import PROXIES_OF_BUYERS, Rush, rush

console = Console(highlight=False)


def main() -> int:
    """Run the soak test; return 0 if nothing was lost, duplicated or oversold."""
    arguments = _arguments()
    console.print(f'seed {arguments.seed} (repeat with ARGS="--seed {arguments.seed} --cycles {arguments.cycles}")')
    anomalies = asyncio.run(_soak(arguments))
    for anomaly in anomalies[:50]:
        console.print(f"[red]broken[/] {anomaly}", soft_wrap=True)
    console.print("[red]guarantees were violated[/]" if anomalies else "[green]nothing was lost or duplicated[/]")
    return 1 if anomalies else 0


async def _soak(arguments: argparse.Namespace) -> list[str]:
    rng = random.Random(arguments.seed)  # noqa: S311 - reproducible moments of a test
    anomalies: list[str] = []
    with Program(processes=API_PROCESSES, LUXEWIN_TRUSTED_PROXIES=PROXIES_OF_BUYERS) as program:
        harness = Harness(program)
        await harness.open()
        if arguments.rushes:
            anomalies += await _rushes(harness, arguments.rushes)
        if arguments.cycles:
            report = await _cycles(harness, arguments, rng)
            _print_report(report)
            anomalies += report.anomalies
        proof = await asyncio.to_thread(program.command, "prove")
        console.print((proof.stdout + proof.stderr).strip())
        if proof.returncode:
            anomalies.append("an invariant is violated; see above")
        await harness.close()
    return anomalies


async def _cycles(harness: Harness, arguments: argparse.Namespace, rng: random.Random) -> Report:
    give_up_at = time.monotonic() + arguments.minutes * 60 if arguments.minutes else float("inf")
    with _progress() as progress:
        bar = progress.add_task("cycles", total=arguments.cycles)

        def done(fault: Fault) -> bool:
            progress.update(bar, advance=1, description=str(fault))
            return time.monotonic() < give_up_at

        return await run_cycles(harness, faults(rng, arguments.cycles), rng=rng, buyers=arguments.buyers, done=done)


async def _rushes(harness: Harness, count: int) -> list[str]:
    anomalies = []
    with _progress() as progress:
        bar = progress.add_task("1,000 buyers, 100 units", total=count)
        for _ in range(count):
            seen = await rush(harness, buyers=1_000, units=100)
            anomalies += (
                [] if seen == Rush.expected(buyers=1_000, units=100) else [f"1,000 buyers of 100 units: {seen}"]
            )
            progress.advance(bar)
    return anomalies


def _print_report(report: Report) -> None:
    console.print(f"{len(report.faults)} cycles; {report.counts}", soft_wrap=True)
    if report.recovery_seconds:
        ordered = sorted(report.recovery_seconds)
        console.print(
            f"first order after the database was back: median {ordered[len(ordered) // 2]:.2f} s,"
            f" longest {ordered[-1]:.2f} s, of {len(ordered)}"
        )


def _progress() -> Progress:
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--cycles", type=int, default=1_000, help="number of injected faults (1000)")
    parser.add_argument("--rushes", type=int, default=10, help="rushes of 1,000 buyers of 100 units (10)")
    parser.add_argument("--buyers", type=int, default=8, help="concurrent buyers during the cycles (8)")
    parser.add_argument("--minutes", type=float, help="stop the cycles after this time")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="of an earlier run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
