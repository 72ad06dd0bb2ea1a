"""`make soak`: kill cycles and crowds at length; it prints its seed, so that a run can be repeated, and what it saw."""

import argparse
import asyncio
import random
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.program import Program
from tests.reliability.cycles import API_PROCESSES, Deed, Report, deeds, run_cycles
from tests.reliability.lab import Lab
from tests.reliability.rush import Rush, rush

console = Console(highlight=False)


def main() -> int:
    """Run what was asked for; 0 when nothing was lost, doubled or oversold."""
    arguments = _arguments()
    console.print(f'seed {arguments.seed} (repeat with ARGS="--seed {arguments.seed} --cycles {arguments.cycles}")')
    faults = asyncio.run(_soak(arguments))
    for fault in faults[:50]:
        console.print(f"[red]broken[/] {fault}", soft_wrap=True)
    console.print("[red]not all was kept[/]" if faults else "[green]nothing was lost, nothing was done twice[/]")
    return 1 if faults else 0


async def _soak(arguments: argparse.Namespace) -> list[str]:
    chance = random.Random(arguments.seed)  # noqa: S311 - the moments of a test, to be drawn again
    faults: list[str] = []
    with Program(processes=API_PROCESSES) as program:
        lab = Lab(program)
        await lab.open()
        if arguments.rushes:
            faults += await _rushes(lab, arguments.rushes)
        if arguments.cycles:
            report = await _cycles(lab, arguments, chance)
            _tell(report)
            faults += report.faults
        proof = await asyncio.to_thread(program.command, "prove")
        console.print((proof.stdout + proof.stderr).strip())
        if proof.returncode:
            faults.append("a law does not hold; see above")
        await lab.close()
    return faults


async def _cycles(lab: Lab, arguments: argparse.Namespace, chance: random.Random) -> Report:
    give_up_at = time.monotonic() + arguments.minutes * 60 if arguments.minutes else float("inf")
    with _progress() as progress:
        bar = progress.add_task("cycles", total=arguments.cycles)

        def done(deed: Deed) -> bool:
            progress.update(bar, advance=1, description=str(deed))
            return time.monotonic() < give_up_at

        return await run_cycles(lab, deeds(chance, arguments.cycles), chance=chance, buyers=arguments.buyers, done=done)


async def _rushes(lab: Lab, count: int) -> list[str]:
    faults = []
    with _progress() as progress:
        bar = progress.add_task("1,000 buyers, 100 units", total=count)
        for _ in range(count):
            seen = await rush(lab, buyers=1_000, units=100)
            faults += [] if seen == Rush.perfect(buyers=1_000, units=100) else [f"1,000 buyers of 100 units: {seen}"]
            progress.advance(bar)
    return faults


def _tell(report: Report) -> None:
    console.print(f"{len(report.deeds)} cycles; {report.counts}", soft_wrap=True)
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
    parser.add_argument("--cycles", type=int, default=1_000, help="kills, suspensions and restarts (1000)")
    parser.add_argument("--rushes", type=int, default=10, help="times that 1,000 buyers want 100 units (10)")
    parser.add_argument("--buyers", type=int, default=8, help="buyers at once during the cycles (8)")
    parser.add_argument("--minutes", type=float, help="stop the cycles after so long")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="of an earlier run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
