"""Regular jobs: each runs by itself, again and again; one that fails is logged and does not stop the others."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from luxewin.kit.cancellation import is_cancelled
from luxewin.kit.crash_points import begin_operation
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import DUTY_FAILURES, DUTY_INTERVAL, DUTY_SECONDS, DUTY_SUCCESS

AN_HOUR_SECONDS = 3600.0
log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """Work to repeat every `every_seconds`, and immediately when `wake` is set.

    It starts at once, or with `at_once=False` after its first interval. A `quiet` job only polls, many times a second:
    its runs are not traced. A notification on the database's `channel` wakes it.
    """

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    quiet: bool = False
    at_once: bool = True
    channel: str | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)


async def run_jobs(jobs: Sequence[Job]) -> None:
    """Run all jobs until cancelled."""
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_repeat(job), name=job.name)


async def _repeat(job: Job) -> None:
    DUTY_INTERVAL.labels(job.name).set(job.every_seconds)
    failures = DUTY_FAILURES.labels(job.name)
    if not job.at_once:
        await asyncio.sleep(job.every_seconds)
    while True:
        job.wake.clear()
        begin_operation(lambda: job.name)
        try:
            await _run_once(job)
        except Exception:
            failures.inc()
            log.exception("a job failed; it will be tried again", job=job.name)
        if is_cancelled():
            return
        try:
            async with asyncio.timeout(job.every_seconds):
                await job.wake.wait()
        except TimeoutError:
            continue


async def _run_once(job: Job) -> None:
    begun = time.perf_counter()
    if job.quiet:
        await job.run()
    else:
        with tracing.work(job.name):
            await job.run()
    DUTY_SECONDS.labels(job.name).observe(time.perf_counter() - begun)
    DUTY_SUCCESS.labels(job.name).set(time.time())
