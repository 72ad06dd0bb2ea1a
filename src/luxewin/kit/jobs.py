"""Periodic jobs: each runs in a task of its own; a run that fails is logged, and the other jobs go on.

A database or another service that is unavailable is logged once, in one line, until the job runs again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from luxewin.kit.cancellation import is_cancelled
from luxewin.kit.crash_points import begin_operation
from luxewin.kit.errors import Unavailable
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import JOB_FAILURES, JOB_INTERVAL, JOB_SECONDS, JOB_SUCCESS

AN_HOUR_SECONDS = 3600.0
log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True)
class Job:
    """A function that runs once per interval, and immediately when `trigger` is set.

    The first run is at the start, or after the first interval. A `quiet` job, which polls many times a second, has no
    span of its own; the work that it finds opens one. A notification on the database's `channel` triggers a run.
    """

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    quiet: bool = False
    run_at_start: bool = True
    channel: str | None = None
    trigger: asyncio.Event = field(default_factory=asyncio.Event)


async def run_jobs(jobs: Sequence[Job]) -> None:
    """Run all jobs until cancelled."""
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(_repeat(job), name=job.name)


async def _repeat(job: Job) -> None:
    JOB_INTERVAL.labels(job.name).set(job.every_seconds)
    failures = JOB_FAILURES.labels(job.name)
    is_waiting = False
    if not job.run_at_start:
        await asyncio.sleep(job.every_seconds)
    while True:
        job.trigger.clear()
        begin_operation(lambda: job.name)
        try:
            await _run_once(job)
        except Unavailable as error:
            failures.inc()
            if not is_waiting:
                log.warning("a job waits for what it needs", job=job.name, reason=str(error), cause=_cause(error))
            is_waiting = True
        except Exception:
            failures.inc()
            log.exception("a job failed; it will run again", job=job.name)
        else:
            if is_waiting:
                log.info("a job runs again", job=job.name)
            is_waiting = False
        if is_cancelled():
            return
        try:
            async with asyncio.timeout(job.every_seconds):
                await job.trigger.wait()
        except TimeoutError:
            continue


def _cause(error: Exception) -> str | None:
    return None if error.__cause__ is None else repr(error.__cause__)


async def _run_once(job: Job) -> None:
    started = time.perf_counter()
    if job.quiet:
        await job.run()
    else:
        with tracing.work(job.name):
            await job.run()
    JOB_SECONDS.labels(job.name).observe(time.perf_counter() - started)
    JOB_SUCCESS.labels(job.name).set(time.time())
