"""The worker process: reacts to domain events, and runs periodic jobs."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial

import asyncpg

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.installed import INVARIANT_CHECKS, MODULES, installed_services
from luxewin.kit.database import Database
from luxewin.kit.invariant_checks import SLOW_FACTOR
from luxewin.kit.jobs import Job, run_jobs
from luxewin.kit.leadership import WORKER_LOCK, lead
from luxewin.kit.messaging.listeners import Listener, catch_up
from luxewin.kit.messaging.relay import EVENTS_CHANNEL
from luxewin.kit.services import Services
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.runtime.process import run_process

LISTENERS: Sequence[Listener] = tuple(listener for module in MODULES for listener in module.listeners)
_POLL_SECONDS = 2.0
"""The interval at which the event log is read without a notification of new events."""


async def work(installation: Installation, ready: Callable[[], None], *, port: int) -> None:
    """React to events and run the jobs until cancelled, while no other worker does."""
    async with AsyncExitStack() as opened:
        database = await installation.open_database()
        opened.push_async_callback(database.close)
        services = await opened.enter_async_context(
            installed_services(installation, database, base_url=f"http://127.0.0.1:{port}")
        )
        jobs = [
            _listening_job(services),
            *(job for module in MODULES for job in module.jobs(services)),
            *_checking_jobs(services, every_seconds=installation.settings.monitoring.prove_every_seconds),
        ]

        async def run(session: asyncpg.Connection) -> None:
            for job in jobs:
                if job.channel is not None:
                    await session.add_listener(job.channel, partial(_wake, job))
            await run_jobs(jobs)

        ready()
        await lead(installation.role("system"), lock=WORKER_LOCK, work=run)


async def listen_everywhere(database: Database, directory: Directory) -> None:
    """Let every listener handle the new events of every tenant."""
    for tenant in await directory.all():
        for listener in LISTENERS:
            await catch_up(database, tenant, listener)


def _listening_job(services: Services) -> Job:
    database, directory = services[Database], services[Directory]
    return Job("listen", _POLL_SECONDS, lambda: listen_everywhere(database, directory), channel=EVENTS_CHANNEL)


def _checking_jobs(services: Services, *, every_seconds: float) -> list[Job]:
    slow_seconds = SLOW_FACTOR * every_seconds
    return [
        Job(
            "prove invariants",
            every_seconds,
            lambda: INVARIANT_CHECKS.check_queries(services, every_seconds=every_seconds),
        ),
        Job(
            "prove chains and checks",
            slow_seconds,
            lambda: INVARIANT_CHECKS.run_chains_and_checks(services, every_seconds=slow_seconds),
            run_at_start=False,
        ),
    ]


def _wake(job: Job, *_notification: object) -> None:
    job.trigger.set()


def run(port: int) -> None:
    """Run the worker of an API that listens on this port."""
    run_process(partial(work, port=port), role="worker", extensions=SETTINGS_EXTENSIONS)
