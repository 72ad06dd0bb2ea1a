"""Jobs run until they are cancelled, even after failures."""

import asyncio

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
