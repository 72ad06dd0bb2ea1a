"""Inject faults into a running program at random moments under load, and check its clients' histories."""

import asyncio
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle, islice

import psutil

from tests.reliability import processes
from tests.reliability.harness import Harness, until
from tests.reliability.load import LoadGenerator

API_PROCESSES = 2
_LONGEST_WAIT_SECONDS = 0.4
_SUSPENSION_SECONDS = (0.2, 2.0)
_BACK = "The database server is running again"
_RENEW_EVERY = 25


class Fault(StrEnum):
    """A fault of a process of the program, or of its database."""

    KILL_API = "kill api"
    KILL_WORKER = "kill worker"
    KILL_RELAY = "kill relay"
    KILL_DATABASE = "kill database"
    RESTART_API = "restart api"
    RESTART_WORKER = "restart worker"
    RESTART_DATABASE = "restart database"
    SUSPEND_API = "suspend api"
    SUSPEND_WORKER = "suspend worker"
    SUSPEND_RELAY = "suspend relay"
    SUSPEND_DATABASE = "suspend database"


@dataclass(slots=True)
class Report:
    """The injected faults, the times from the database's return to the first order, and the anomalies."""

    faults: list[Fault] = field(default_factory=list)
    recovery_seconds: list[float] = field(default_factory=list)
    counts: str = ""
    anomalies: list[str] = field(default_factory=list)


def faults(rng: random.Random, count: int) -> Iterator[Fault]:
    """Return `count` faults in random order, each about equally often."""
    drawn = list(islice(cycle(Fault), count))
    rng.shuffle(drawn)
    return iter(drawn)


async def run_cycles(
    harness: Harness,
    chosen: Iterator[Fault],
    *,
    rng: random.Random,
    buyers: int,
    done: Callable[[Fault], bool] = lambda _fault: True,
) -> Report:
    """Inject one fault after another under load; `done` is called after each and returns whether to continue."""
    load, report = LoadGenerator(harness, buyers=buyers, rng=rng), Report()
    await load.open()
    running = asyncio.create_task(load.run())
    try:
        for fault in chosen:
            await _one_cycle(harness, load, fault, rng, report)
            report.faults.append(fault)
            if len(report.faults) % _RENEW_EVERY == 0:
                await harness.sign_in()
            if not done(fault):
                break
    finally:
        load.stop()
        await harness.expire_leases()
        await running
    await harness.settle()
    report.counts, report.anomalies = load.counts(), await load.anomalies()
    return report


async def _one_cycle(harness: Harness, load: LoadGenerator, fault: Fault, rng: random.Random, report: Report) -> None:
    await asyncio.sleep(rng.uniform(0, _LONGEST_WAIT_SECONDS))  # a random moment
    action, _, target = fault.partition(" ")
    if target == "database":
        await _inject_database_fault(harness, load, action, rng, report)
    else:
        await _inject_process_fault(harness, action, target, rng)
    await harness.expire_leases()
    await load.wait_for_acknowledgement()


async def _inject_process_fault(harness: Harness, action: str, role: str, rng: random.Random) -> None:
    count = API_PROCESSES if role == "api" else 1
    await until(lambda: len(harness.program.processes(role)) == count)
    process = rng.choice(harness.program.processes(role))
    if action == "suspend":
        await _suspend_for_a_while([process], rng)
        return
    process.kill() if action == "kill" else process.terminate()
    await processes.wait_until_replaced(harness.program, role, process, count=count)


async def _inject_database_fault(
    harness: Harness, load: LoadGenerator, action: str, rng: random.Random, report: Report
) -> None:
    server, *others = processes.database_processes(harness.program.folder)
    if action == "suspend":
        await _suspend_for_a_while([server, *others], rng)
        return
    before = harness.program.output.count(_BACK)
    server.send_signal(signal.SIGKILL if action == "kill" else signal.SIGINT)
    await until(lambda: harness.program.output.count(_BACK) > before)
    clock = asyncio.get_running_loop()
    back_at = clock.time()
    await harness.expire_leases()
    await load.wait_for_acknowledgement()
    report.recovery_seconds.append(clock.time() - back_at)


async def _suspend_for_a_while(suspended: list[psutil.Process], rng: random.Random) -> None:
    processes.suspend(suspended)
    try:
        await asyncio.sleep(rng.uniform(*_SUSPENSION_SECONDS))
    finally:
        processes.resume(suspended)
