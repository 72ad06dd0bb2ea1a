"""The worker process: reacts to facts, and does what is due by time."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial

import asyncpg
import httpx

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.jobs import Job, keep
from luxewin.kit.leadership import WORKER_LOCK, lead
from luxewin.kit.messaging.listening import Listener, catch_up
from luxewin.kit.messaging.relay import EVENTS_CHANNEL
from luxewin.kit.retention import forget_old_keys
from luxewin.modules.identity import public as identity
from luxewin.modules.payments.gateways.opening import OpenGateways, open_gateways
from luxewin.modules.payments.public import Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Anchors, Beacons, ConfiguredAnchors, RaffleSecrets, open_beacons
from luxewin.modules.storefront import handlers as storefront
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.runtime.process import run_process
from luxewin.workflows.anchor_raffle.workflow import anchor_due_raffles
from luxewin.workflows.cancel_raffle.workflow import finish_cancelled_raffles
from luxewin.workflows.draw_raffle.workflow import draw_due_raffles
from luxewin.workflows.expire_orders.workflow import expire_due_orders
from luxewin.workflows.import_catalog.workflow import WORK_CHANNEL, run_due_imports
from luxewin.workflows.prove_invariants.workflow import RARER, prove_queries, prove_the_rest
from luxewin.workflows.reconcile_payments.workflow import apply_due_webhooks, finish_due_refunds, resolve_due_attempts
from luxewin.workflows.settle_raffle.workflow import settle_due_raffles

LISTENERS: Sequence[Listener] = (storefront.LISTENER,)
_ONCE_AN_HOUR_SECONDS = 3600.0
_WITHOUT_NOTICE_SECONDS = 2.0
"""How often the log and the imports are looked at when nobody has told of anything new."""


async def work(installation: Installation, ready: Callable[[], None], *, port: int) -> None:
    """Listen and sweep until cancelled, whenever no other worker does."""
    async with AsyncExitStack() as opened:
        database = await installation.open_database()
        opened.push_async_callback(database.close)
        gateways = await opened.enter_async_context(open_gateways(installation))
        directory = Directory(database)
        every_seconds = installation.settings.monitoring.prove_every_seconds
        base_url = f"http://127.0.0.1:{port}"
        duties = {
            duty.name: duty
            for duty in [
                *await _duties(opened, database, directory, gateways, base_url=base_url),
                await _draws(opened, installation, database, directory, gateways.offered),
                *_anchors(installation, database, directory),
                *_proofs(database, directory, gateways.offered, every_seconds=every_seconds),
            ]
        }

        async def lead_work(session: asyncpg.Connection) -> None:
            await session.add_listener(EVENTS_CHANNEL, lambda *_: duties["listen"].wake.set())
            await session.add_listener(WORK_CHANNEL, lambda *_: duties["import"].wake.set())
            await keep(list(duties.values()))

        ready()
        await lead(installation.role("system"), lock=WORKER_LOCK, work=lead_work)


async def listen_everywhere(database: Database, directory: Directory) -> None:
    """Let every listener catch up with the events of every tenant."""
    for tenant in await directory.all():
        for listener in LISTENERS:
            await catch_up(database, tenant, listener)


async def _duties(
    opened: AsyncExitStack,
    database: Database,
    directory: Directory,
    gateways: OpenGateways,
    *,
    base_url: str,
) -> list[Job]:
    http = await opened.enter_async_context(httpx.AsyncClient(timeout=5))
    duties = [
        Job("listen", _WITHOUT_NOTICE_SECONDS, lambda: listen_everywhere(database, directory)),
        Job("import", _WITHOUT_NOTICE_SECONDS, lambda: import_everywhere(database, directory)),
        Job("resolve payments", 1, lambda: resolve_due_attempts(database, directory, gateways.offered)),
        Job("finish refunds", 1, lambda: finish_due_refunds(database, directory, gateways.offered)),
        Job("apply webhooks", 1, lambda: apply_due_webhooks(database, directory, gateways.offered)),
        Job("expire orders", 2, lambda: expire_everywhere(database, directory, gateways.offered)),
        Job("forget old keys", _ONCE_AN_HOUR_SECONDS, lambda: forget_old_keys(database)),
        Job("forget old sessions", _ONCE_AN_HOUR_SECONDS, lambda: forget_everywhere(database, directory)),
    ]
    if gateways.simulator is not None:
        simulator = gateways.simulator
        duties.append(Job("simulated gateway", 0.25, lambda: simulator.deliver_due(http, base_url), quiet=True))
    return duties


async def _draws(
    opened: AsyncExitStack, installation: Installation, database: Database, directory: Directory, gateways: Gateways
) -> Job:
    settings = installation.settings
    beacons = await opened.enter_async_context(
        open_beacons(settings.beacon, installation.key("beacon"), is_production=settings.is_production)
    )
    secrets = RaffleSecrets(installation.secrets.master_key)
    return Job("draw raffles", 1, lambda: draw_everywhere(database, directory, gateways, beacons, secrets))


def _anchors(installation: Installation, database: Database, directory: Directory) -> list[Job]:
    anchors = ConfiguredAnchors.of(installation.settings.anchor).anchors
    if anchors is None:
        return []
    return [Job("anchor raffles", 2, lambda: anchor_everywhere(database, directory, anchors))]


def _proofs(database: Database, directory: Directory, gateways: Gateways, *, every_seconds: float) -> list[Job]:
    rarely_seconds = RARER * every_seconds
    return [
        Job("prove laws", every_seconds, lambda: prove_queries(database, every_seconds=every_seconds)),
        Job(
            "prove chains and books",
            rarely_seconds,
            lambda: prove_the_rest(database, directory, gateways, every_seconds=rarely_seconds),
            at_once=False,
        ),
    ]


async def import_everywhere(database: Database, directory: Directory) -> None:
    """Run the imports that wait, tenant by tenant."""
    for tenant in await directory.all():
        await run_due_imports(database, tenant)


async def forget_everywhere(database: Database, directory: Directory) -> None:
    """Let go of every tenant's sessions that ended long ago."""
    for tenant in await directory.all():
        async with database.begin(tenant, SYSTEM) as tx:
            identity.forget_expired(tx)


async def expire_everywhere(database: Database, directory: Directory, gateways: Gateways) -> None:
    """End every tenant's orders whose time is over."""
    for tenant in await directory.all():
        await expire_due_orders(database, tenant, gateways)


async def draw_everywhere(
    database: Database, directory: Directory, gateways: Gateways, beacons: Beacons, secrets: RaffleSecrets
) -> None:
    """Draw and settle every tenant's raffles that are due, and give back what cancelled ones have cost."""
    async with database.system() as connection:
        busy = set(await raffles.tenants_with_due_raffles(connection))
    for tenant in await directory.all() if busy else ():
        if tenant.id in busy:
            await draw_due_raffles(database, tenant, gateways, beacons, secrets)
            await finish_cancelled_raffles(database, tenant, gateways)
            await settle_due_raffles(database, tenant)


async def anchor_everywhere(database: Database, directory: Directory, anchors: Anchors) -> None:
    """Take every tenant's raffles that are to be anchored a step further."""
    async with database.system() as connection:
        busy = set(await raffles.tenants_with_pending_anchors(connection))
    for tenant in await directory.all() if busy else ():
        if tenant.id in busy:
            await anchor_due_raffles(database, tenant, anchors)


def run(port: int) -> None:
    """Be the worker of an API that listens on this port."""
    run_process(partial(work, port=port), role="worker")
