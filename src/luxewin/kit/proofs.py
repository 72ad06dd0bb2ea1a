"""How invariants are proved: all at once when somebody asks, and one after the other while the program runs.

Queries run often. Recomputing hash chains and the checks takes as long as there is history, so they run less often.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog

from luxewin.kit.database import Database
from luxewin.kit.invariants import Invariants, Violation, broken_chain, violations
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import INVARIANT_BROKEN, INVARIANT_INTERVAL, INVARIANT_PROVED, INVARIANT_SECONDS
from luxewin.kit.sealing import Chain
from luxewin.kit.services import Services

SLOW_FACTOR = 24
"""How much less often chains and checks are proved than queries."""

_STATEMENT_SECONDS = 30.0
_CONFIRM_AFTER_SECONDS = 10.0

Proof = Callable[[], Awaitable[Sequence[Violation]]]
log = structlog.get_logger("invariants")


@dataclass(frozen=True, slots=True)
class Check:
    """A promise that is checked by code; `find` returns the violations that it finds now.

    A `transient` check compares two sources that may differ while a change is under way: in continuous operation only
    a violation that is found again after ten seconds counts.
    """

    promise: str
    find: Callable[[Services], Awaitable[Sequence[Violation]]]
    transient: bool = False


@dataclass(frozen=True, slots=True)
class Proofs:
    """Every invariant of an installation: queries, hash chains and checks."""

    invariants: Invariants
    chains: Sequence[Chain]
    checks: Sequence[Check]

    @property
    def count(self) -> int:
        """How many invariants there are."""
        return len(self.invariants) + len(self.chains) + len(self.checks)

    async def violations(self, services: Services, *, tenant_id: UUID | None = None) -> list[Violation]:
        """Return the first violation of each query and chain and every violation of each check.

        An invariant that cannot be proved counts as violated, and the others are proved all the same.
        """
        database = services[Database]
        found: list[Violation] = []
        for promise, query in self.invariants.items():
            found += await _or_failure(promise, violations(database, {promise: query}, tenant_id=tenant_id))
        for promise, chain in self._chains().items():
            found += await _or_failure(promise, broken_chain(database, promise, chain))
        for check in self.checks:
            found += await _or_failure(check.promise, check.find(services))
        return found

    async def prove_queries(self, services: Services, *, every_seconds: float) -> None:
        """Prove the invariants that are queries, one at a time, and set their metrics."""
        database = services[Database]
        for promise, query in self.invariants.items():
            find = partial(violations, database, {promise: query}, statement_seconds=_STATEMENT_SECONDS)
            await _prove(promise, find, every_seconds=every_seconds)

    async def prove_chains_and_checks(self, services: Services, *, every_seconds: float) -> None:
        """Recompute the chains, run the checks, and set their metrics."""
        for promise, chain in self._chains().items():
            find: Proof = partial(broken_chain, services[Database], promise, chain)
            await _prove(promise, find, every_seconds=every_seconds)
        for check in self.checks:
            find = partial(_confirmed, check, services) if check.transient else partial(check.find, services)
            await _prove(check.promise, find, every_seconds=every_seconds)

    def _chains(self) -> Mapping[str, Chain]:
        return {f"The hash chain of {chain.table} recomputes": chain for chain in self.chains}


async def _confirmed(check: Check, services: Services) -> Sequence[Violation]:
    first = await check.find(services)
    if not first:
        return ()
    await asyncio.sleep(_CONFIRM_AFTER_SECONDS)
    second = await check.find(services)
    return [violation for violation in second if violation in first]


async def _prove(promise: str, find: Proof, *, every_seconds: float) -> None:
    """Prove one invariant; where that fails, its time of the last proof grows old, and the others are still proved."""
    INVARIANT_INTERVAL.labels(promise).set(every_seconds)
    begun = time.perf_counter()
    try:
        with tracing.step("prove") as span:
            span.set_attributes(invariant=promise)
            found = await find()
    except Exception:
        log.exception("an invariant could not be proved", invariant=promise)
        return
    INVARIANT_BROKEN.set(1 if found else 0, promise)
    INVARIANT_SECONDS.set(time.perf_counter() - begun, promise)
    INVARIANT_PROVED.labels(promise).set(time.time())
    if found:
        row = {name: str(value) for name, value in found[0].row.items()}
        log.error("an invariant is violated", invariant=promise, row=row)


async def _or_failure(promise: str, proving: Awaitable[Sequence[Violation]]) -> Sequence[Violation]:
    try:
        return await proving
    except Exception as error:
        log.debug("an invariant could not be proved", invariant=promise, exc_info=True)
        return [Violation(promise, {"it could not be proved": f"{type(error).__name__}: {error}"})]
