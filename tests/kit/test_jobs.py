"""Duties run until they are told to end, whatever happens to them."""

import asyncio

from luxewin.kit.jobs import Job, run_jobs


class Stumbling:
    """A duty that fails each time, and to which nobody's cancellation gets through."""

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
    duty = Stumbling()
    keeping = asyncio.create_task(run_jobs([Job("stumble", 0.001, duty.run)]))
    async with asyncio.timeout(10):
        while duty.runs < 2:
            await duty.begun.wait()
            duty.begun.clear()
    keeping.cancel()
    await asyncio.wait({keeping}, timeout=10)
    assert keeping.done()


async def test_a_cancellation_that_is_lost_in_a_failure_still_ends_the_job() -> None:
    duty = Stumbling()
    duty.runs = 1
    keeping = asyncio.create_task(run_jobs([Job("stumble", 3600, duty.run)]))
    await duty.begun.wait()
    keeping.cancel()
    await asyncio.wait({keeping}, timeout=10)
    assert keeping.done()
