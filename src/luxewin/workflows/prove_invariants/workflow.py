"""How every law is proved: at once when somebody asks, and one after the other while the program runs.

The queries are proved often. Recomputing the chains and comparing with the gateways' books takes as long as there is
history, so that is done more rarely.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from uuid import UUID

import structlog

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.invariants import KIT_INVARIANTS, Invariants, Violation, broken_chain, violations
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import LAW_BROKEN, LAW_INTERVAL, LAW_PROVED, LAW_SECONDS
from luxewin.kit.sealing import AUDIT_CHAIN, Chain
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity import public as identity
from luxewin.modules.inventory import public as inventory
from luxewin.modules.ledger import public as ledger
from luxewin.modules.orders import public as orders
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.tenants.public import Directory

INVARIANTS: Invariants = {
    **ledger.INVARIANTS,
    **payments.INVARIANTS,
    **orders.INVARIANTS,
    **raffles.INVARIANTS,
    **inventory.INVARIANTS,
    **identity.INVARIANTS,
    **KIT_INVARIANTS,
}
CHAINS: Mapping[str, Chain] = {
    f"The hash chain of {chain.table} recomputes": chain for chain in (AUDIT_CHAIN, ledger.TRANSFERS)
}
BOOKS = "The books of every gateway equal our clearing accounts"
DRAWS = "Every draw recomputes from its public proof to the winners that were noted"
RARER = 24
"""How much more rarely what takes long is proved."""

_STATEMENT_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 10.0
"""A payment that is on its way stands in one of the two books for a moment; what differs twice, differs."""

Proof = Callable[[], Awaitable[Sequence[Violation]]]
log = structlog.get_logger("laws")


def number_of_laws() -> int:
    """Return how many laws there are."""
    return len(INVARIANTS) + len(CHAINS) + 2


async def all_breaches(database: Database, gateways: Gateways, *, tenant_id: UUID | None = None) -> list[Violation]:
    """Return the first row of each law that does not hold; nothing, when all hold.

    A law that cannot be proved counts as broken, and keeps no other from being proved.
    """
    found: list[Violation] = []
    for promise, query in INVARIANTS.items():
        found += await _or_why_not(promise, violations(database, {promise: query}, tenant_id=tenant_id))
    for promise, chain in CHAINS.items():
        found += await _or_why_not(promise, broken_chain(database, promise, chain))
    found += await _or_why_not(DRAWS, _wrong_draws(database))
    return [*found, *await _or_why_not(BOOKS, _all_disagreements(database, gateways))]


async def prove_queries(database: Database, *, every_seconds: float) -> None:
    """Prove the laws that are queries, one at a time, and tell the metrics."""
    for promise, query in INVARIANTS.items():
        ask = partial(violations, database, {promise: query}, statement_seconds=_STATEMENT_SECONDS)
        await _prove(promise, ask, every_seconds=every_seconds)


async def prove_the_rest(database: Database, directory: Directory, gateways: Gateways, *, every_seconds: float) -> None:
    """Recompute the chains and the draws, compare the gateways' books, and tell the metrics."""
    for promise, chain in CHAINS.items():
        await _prove(promise, partial(broken_chain, database, promise, chain), every_seconds=every_seconds)
    await _prove(DRAWS, partial(_wrong_draws, database), every_seconds=every_seconds)
    await _prove(BOOKS, partial(_lasting_disagreements, database, directory, gateways), every_seconds=every_seconds)


async def _prove(promise: str, ask: Proof, *, every_seconds: float) -> None:
    """Prove one law; one that could not be proved keeps no other from it, and its time of proof grows old."""
    LAW_INTERVAL.labels(promise).set(every_seconds)
    begun = time.perf_counter()
    try:
        with tracing.step("prove") as span:
            span.note(law=promise)
            found = await ask()
    except Exception:
        log.exception("a law could not be proved", law=promise)
        return
    LAW_BROKEN.tell(1 if found else 0, promise)
    LAW_SECONDS.tell(time.perf_counter() - begun, promise)
    LAW_PROVED.labels(promise).set(time.time())
    if found:
        log.error("a law does not hold", law=promise, row={name: str(value) for name, value in found[0].row.items()})


async def _or_why_not(promise: str, asked: Awaitable[Sequence[Violation]]) -> Sequence[Violation]:
    try:
        return await asked
    except Exception as error:
        log.debug("a law could not be proved", law=promise, exc_info=True)
        return [Violation(promise, {"it could not be proved": f"{type(error).__name__}: {error}"})]


async def _wrong_draws(database: Database) -> list[Violation]:
    found = []
    for tenant in await Directory(database).all():
        raffle_id = await database.run(tenant, SYSTEM, raffles.find_invalid_draw)
        if raffle_id is not None:
            found.append(Violation(DRAWS, {"tenant": tenant.slug, "raffle_id": raffle_id}))
    return found


async def _all_disagreements(database: Database, gateways: Gateways) -> list[Violation]:
    tenants = await Directory(database).all()
    return [violation for tenant in tenants for violation in await _disagreements(database, gateways, tenant)]


async def _lasting_disagreements(database: Database, directory: Directory, gateways: Gateways) -> list[Violation]:
    found = []
    for tenant in await directory.all():
        first = await _disagreements(database, gateways, tenant)
        if first:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            second = await _disagreements(database, gateways, tenant)
            found += [violation for violation in second if violation in first]
    return found


async def _disagreements(database: Database, gateways: Gateways, tenant: Tenancy) -> list[Violation]:
    """Compare every gateway's own books of a tenant with the clearing account."""
    found = []
    for name in gateways:
        books = await gateways.named(name).report(str(tenant.id))
        async with database.begin(tenant, SYSTEM) as tx:
            disagreements = await payments.disagreements_with(tx, name, books)
        found += [
            Violation(f"The books of {name} equal our clearing account", {"tenant": tenant.slug, **asdict(row)})
            for row in disagreements
        ]
    return found
