"""Harm done to a running program at random moments under load, and what is left of what its clients were told."""

import asyncio
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import cycle, islice

import psutil

from tests.reliability import victims
from tests.reliability.buyers import Crowd
from tests.reliability.lab import Lab, until

API_PROCESSES = 2
_LONGEST_WAIT_SECONDS = 0.4
_STANDSTILL_SECONDS = (0.2, 2.0)
_BACK = "The database server runs again"
_RENEW_EVERY = 25


class Deed(StrEnum):
    """What may happen to a process of the program, or to its database."""

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
    """What was done, how long the first acknowledged order took once the database was back, and what is wrong."""

    deeds: list[Deed] = field(default_factory=list)
    recovery_seconds: list[float] = field(default_factory=list)
    counts: str = ""
    faults: list[str] = field(default_factory=list)


def deeds(chance: random.Random, count: int) -> Iterator[Deed]:
    """Return so many deeds in an order of chance, each about as often as the others."""
    drawn = list(islice(cycle(Deed), count))
    chance.shuffle(drawn)
    return iter(drawn)


async def run_cycles(
    lab: Lab,
    chosen: Iterator[Deed],
    *,
    chance: random.Random,
    buyers: int,
    done: Callable[[Deed], bool] = lambda _deed: True,
) -> Report:
    """Do one deed after another while a crowd buys; `done` is told of each, and says whether to go on."""
    crowd, report = Crowd(lab, buyers=buyers, chance=chance), Report()
    await crowd.open()
    running = asyncio.create_task(crowd.run())
    try:
        for deed in chosen:
            await _one_cycle(lab, crowd, deed, chance, report)
            report.deeds.append(deed)
            if len(report.deeds) % _RENEW_EVERY == 0:
                await lab.sign_in()
            if not done(deed):
                break
    finally:
        crowd.stop()
        await lab.end_leases()
        await running
    await lab.come_to_rest()
    report.counts, report.faults = crowd.counts(), await crowd.faults()
    return report


async def _one_cycle(lab: Lab, crowd: Crowd, deed: Deed, chance: random.Random, report: Report) -> None:
    await asyncio.sleep(chance.uniform(0, _LONGEST_WAIT_SECONDS))  # the moment is chance, not the end of anything
    what, _, whom = deed.partition(" ")
    if whom == "database":
        await _harm_database(lab, crowd, what, chance, report)
    else:
        await _harm_process(lab, what, whom, chance)
    await lab.end_leases()
    await crowd.until_somebody_is_served()


async def _harm_process(lab: Lab, what: str, role: str, chance: random.Random) -> None:
    count = API_PROCESSES if role == "api" else 1
    await until(lambda: len(lab.program.processes(role)) == count)
    victim = chance.choice(lab.program.processes(role))
    if what == "suspend":
        await _suspended([victim], chance)
        return
    victim.kill() if what == "kill" else victim.terminate()
    await victims.until_replaced(lab.program, role, victim, count=count)


async def _harm_database(lab: Lab, crowd: Crowd, what: str, chance: random.Random, report: Report) -> None:
    server, *others = victims.database(lab.program.folder)
    if what == "suspend":
        await _suspended([server, *others], chance)
        return
    before = lab.program.output.count(_BACK)
    server.send_signal(signal.SIGKILL if what == "kill" else signal.SIGINT)
    await until(lambda: lab.program.output.count(_BACK) > before)
    clock = asyncio.get_running_loop()
    back_at = clock.time()
    await lab.end_leases()
    await crowd.until_somebody_is_served()
    report.recovery_seconds.append(clock.time() - back_at)


async def _suspended(processes: list[psutil.Process], chance: random.Random) -> None:
    victims.suspend(processes)
    try:
        await asyncio.sleep(chance.uniform(*_STANDSTILL_SECONDS))
    finally:
        victims.resume(processes)
