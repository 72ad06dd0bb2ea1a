"""Regular work: each duty runs by itself, again and again; one that fails is logged and does not stop the others."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from luxewin.kit.cancellation import is_cancelled
from luxewin.kit.crash_points import begin_operation
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import DUTY_FAILURES, DUTY_INTERVAL, DUTY_SECONDS, DUTY_SUCCESS

log = structlog.get_logger("schedule")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every so often, and at once when `wake` is set.

    It begins at once, or else after its first interval. One that only looks whether there is anything to do, many times
    a second, is `quiet`: what it finds makes a span of its own.
    """

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    quiet: bool = False
    at_once: bool = True
    wake: asyncio.Event = field(default_factory=asyncio.Event)


async def keep(duties: Sequence[Job]) -> None:
    """Run all duties until cancelled."""
    async with asyncio.TaskGroup() as group:
        for duty in duties:
            group.create_task(_keep(duty), name=duty.name)


async def _keep(duty: Job) -> None:
    DUTY_INTERVAL.labels(duty.name).set(duty.every_seconds)
    failures = DUTY_FAILURES.labels(duty.name)
    if not duty.at_once:
        await asyncio.sleep(duty.every_seconds)
    while True:
        duty.wake.clear()
        begin_operation(lambda: duty.name)
        try:
            await _do(duty)
        except Exception:
            failures.inc()
            log.exception("a duty failed; it will be tried again", duty=duty.name)
        if is_cancelled():
            return
        try:
            async with asyncio.timeout(duty.every_seconds):
                await duty.wake.wait()
        except TimeoutError:
            continue


async def _do(duty: Job) -> None:
    begun = time.perf_counter()
    if duty.quiet:
        await duty.run()
    else:
        with tracing.work(duty.name):
            await duty.run()
    DUTY_SECONDS.labels(duty.name).observe(time.perf_counter() - begun)
    DUTY_SUCCESS.labels(duty.name).set(time.time())
