"""Checking invariants: all of them on demand, or one at a time periodically.

Queries run often. The time of hash chains and checks grows with the history, so they run less often.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import structlog

from luxewin.kit.database import Database
from luxewin.kit.invariants import Invariants, Violation, find_broken_seal_of, violations
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import INVARIANT_BROKEN, INVARIANT_INTERVAL, INVARIANT_PROVED, INVARIANT_SECONDS
from luxewin.kit.sealing import Chain
from luxewin.kit.services import Services

SLOW_FACTOR = 24
"""The interval of chains and checks, as a multiple of the interval of queries."""

_STATEMENT_SECONDS = 30.0
_CONFIRM_AFTER_SECONDS = 10.0

Finder = Callable[[], Awaitable[Sequence[Violation]]]
log = structlog.get_logger("invariants")


@dataclass(frozen=True, slots=True)
class Check:
    """An invariant that is checked by code; `find` returns the current violations.

    A `transient` check compares two sources that may differ while a change is under way: a periodic check
    only counts a violation that is found again after ten seconds.
    """

    statement: str
    find: Callable[[Services], Awaitable[Sequence[Violation]]]
    transient: bool = False


@dataclass(frozen=True, slots=True)
class InvariantChecks:
    """Every invariant of an installation: queries, hash chains and checks."""

    invariants: Invariants
    chains: Sequence[Chain]
    checks: Sequence[Check]

    @property
    def count(self) -> int:
        """The number of invariants."""
        return len(self.invariants) + len(self.chains) + len(self.checks)

    async def violations(self, services: Services, *, tenant_id: UUID | None = None) -> list[Violation]:
        """Return the first violation of each query and chain and every violation of each check.

        An invariant that cannot be checked counts as violated, and the others are still checked.
        """
        database = services[Database]
        found: list[Violation] = []
        for statement, query in self.invariants.items():
            found += await _find_or_report(statement, violations(database, {statement: query}, tenant_id=tenant_id))
        for statement, chain in self._chains().items():
            found += await _find_or_report(statement, find_broken_seal_of(database, statement, chain))
        for check in self.checks:
            found += await _find_or_report(check.statement, check.find(services))
        return found

    async def check_queries(self, services: Services, *, every_seconds: float) -> None:
        """Check the invariants that are queries, one at a time, and set their metrics."""
        database = services[Database]
        for statement, query in self.invariants.items():
            find = partial(violations, database, {statement: query}, statement_seconds=_STATEMENT_SECONDS)
            await _check_periodically(statement, find, every_seconds=every_seconds)

    async def run_chains_and_checks(self, services: Services, *, every_seconds: float) -> None:
        """Recompute the chains, run the checks, and set their metrics."""
        for statement, chain in self._chains().items():
            find: Finder = partial(find_broken_seal_of, services[Database], statement, chain)
            await _check_periodically(statement, find, every_seconds=every_seconds)
        for check in self.checks:
            find = partial(_find_confirmed, check, services) if check.transient else partial(check.find, services)
            await _check_periodically(check.statement, find, every_seconds=every_seconds)

    def _chains(self) -> Mapping[str, Chain]:
        return {f"The hash chain of {chain.table} recomputes": chain for chain in self.chains}


async def _find_confirmed(check: Check, services: Services) -> Sequence[Violation]:
    first = await check.find(services)
    if not first:
        return ()
    await asyncio.sleep(_CONFIRM_AFTER_SECONDS)
    second = await check.find(services)
    return [violation for violation in second if violation in first]


async def _check_periodically(statement: str, find: Finder, *, every_seconds: float) -> None:
    """Check one invariant and set its metrics; after an error, its last-success timestamp is not updated."""
    INVARIANT_INTERVAL.labels(statement).set(every_seconds)
    begun = time.perf_counter()
    try:
        with tracing.step("prove") as span:
            span.set_attributes(invariant=statement)
            found = await find()
    except Exception:
        log.exception("an invariant could not be checked", invariant=statement)
        return
    INVARIANT_BROKEN.set(1 if found else 0, statement)
    INVARIANT_SECONDS.set(time.perf_counter() - begun, statement)
    INVARIANT_PROVED.labels(statement).set(time.time())
    if found:
        row = {name: str(value) for name, value in found[0].row.items()}
        log.error("an invariant is violated", invariant=statement, row=row)


async def _find_or_report(statement: str, finding: Awaitable[Sequence[Violation]]) -> Sequence[Violation]:
    try:
        return await finding
    except Exception as error:
        log.debug("an invariant could not be checked", invariant=statement, exc_info=True)
        return [Violation(statement, {"error": f"{type(error).__name__}: {error}"})]
