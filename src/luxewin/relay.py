"""The relay process: publishes committed domain events, and seals append-only rows into hash chains."""

from collections.abc import Callable, Mapping

import asyncpg

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.installed import MANIFESTS, MODULES
from luxewin.kit import sealing
from luxewin.kit.database import Database
from luxewin.kit.jobs import Job, run_jobs
from luxewin.kit.leadership import lead
from luxewin.kit.manifest import merged
from luxewin.kit.messaging.relay import BATCH_SIZE, OUTBOX_HAS_EVENTS, RELAY_LOCK, publish_batch
from luxewin.kit.sealing import Chain, measure_sealing, seal_batch
from luxewin.runtime.installation import Installation
from luxewin.runtime.process import run_process

CHAINS: tuple[Chain, ...] = tuple(chain for module in MODULES for chain in module.chains)
CHANNELS: Mapping[str, str] = merged({name: module.channels for name, module in MANIFESTS.items()})
"""Types of domain events with an additional notification on their own channel."""

_PUBLISH_EVERY_SECONDS = 0.05
_SEAL_EVERY_SECONDS = 1.0
_MEASURE_EVERY_SECONDS = 5.0


async def relay(installation: Installation, ready: Callable[[], None]) -> None:
    """Publish and seal until cancelled, while this process is the leader."""
    database = await installation.open_database()

    async def work(_session: asyncpg.Connection) -> None:
        await run_jobs(
            [
                Job("publish", _PUBLISH_EVERY_SECONDS, lambda: publish_all(database), quiet=True),
                Job("seal", _SEAL_EVERY_SECONDS, lambda: seal_all(database), quiet=True),
                Job("measure", _MEASURE_EVERY_SECONDS, lambda: measure(database)),
            ]
        )

    ready()
    try:
        await lead(installation.role("system"), lock=RELAY_LOCK, work=work)
    finally:
        await database.close()


async def measure(database: Database) -> None:
    """Set the metrics that are read from the database: the backlog of sealing, and the metrics of the modules."""
    async with database.system() as connection:
        for chain in CHAINS:
            await measure_sealing(connection, chain)
        for module in MODULES:
            for measurement in module.measurements:
                await measurement(connection)


async def publish_all(database: Database) -> int:
    """Publish until the outbox is empty; return the number of events."""
    published = 0
    if not await database.fetch_system_value(OUTBOX_HAS_EVENTS):
        return published
    while count := await publish_batch(database, CHANNELS):
        published += count
        if count < BATCH_SIZE:
            break
    return published


async def seal_all(database: Database) -> None:
    """Seal every chain to its end."""
    for chain in CHAINS:
        while await seal_batch(database, chain) == sealing.BATCH_SIZE:
            continue


def run() -> None:
    """Run the relay."""
    run_process(relay, role="relay", extensions=SETTINGS_EXTENSIONS)
