"""Jobs run until they are cancelled, even after failures."""

import asyncio

import structlog

from luxewin.kit.errors import Unavailable
from luxewin.kit.jobs import Job, run_jobs


class FailingJob:
    """A job that fails each time, and loses its cancellation."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        self.begun.set()
        if self.runs == 1:
            raise OSError("the database is away")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OSError("the database has gone away at the same moment") from None


async def test_a_job_that_fails_runs_again() -> None:
    job = FailingJob()
    running = asyncio.create_task(run_jobs([Job("stumble", 0.001, job.run)]))
    async with asyncio.timeout(10):
        while job.runs < 2:
            await job.begun.wait()
            job.begun.clear()
    running.cancel()
    await asyncio.wait({running}, timeout=10)
    assert running.done()


async def test_a_cancellation_that_is_lost_in_a_failure_still_ends_the_job() -> None:
    job = FailingJob()
    job.runs = 1
    running = asyncio.create_task(run_jobs([Job("stumble", 3600, job.run)]))
    await job.begun.wait()
    running.cancel()
    await asyncio.wait({running}, timeout=10)
    assert running.done()


async def test_a_job_that_waits_for_the_database_logs_one_line_and_when_it_runs_again() -> None:
    runs = 0
    done = asyncio.Event()

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs <= 3:
            raise Unavailable("The database does not answer") from OSError("connection reset")
        if runs == 5:
            done.set()

    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(run_jobs([Job("publish", 0.001, run)]))
        async with asyncio.timeout(10):
            await done.wait()
        running.cancel()
        await asyncio.wait({running}, timeout=10)
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "a job waits for what it needs"),
        ("info", "a job runs again"),
    ]
    assert (logs[0]["job"], logs[0]["reason"], logs[0]["cause"]) == (
        "publish",
        "The database does not answer",
        "OSError('connection reset')",
    )
    assert "exc_info" not in logs[0]
