"""Rate limits that two processes count together: the same window as in one, and what happens without a database."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.limits import CREDENTIALS, PUBLISHED_LIMITS, Limiter
from luxewin.kit.http.shared_limits import REFUSAL_SECONDS, SharedLimits
from luxewin.kit.observability.metrics import UNSHARED_LIMITS
from luxewin.kit.request_counts import count_request, delete_old_counts
from tests.conftest import TestDatabase

MOST = PUBLISHED_LIMITS[CREDENTIALS]


class _Away:
    """A database that does not answer."""

    async def fetch_system_row(self, *_: Any) -> Any:
        raise Unavailable


@pytest.fixture
def caller() -> str:
    return f"caller {uuid4()}"


async def _count(limits: SharedLimits, caller: str) -> bool:
    return (await limits.count(CREDENTIALS, caller)).refused_for_seconds is None


async def test_two_processes_admit_the_published_number_together(database: Database, caller: str) -> None:
    processes = [SharedLimits(database, Limiter()) for _ in range(2)]
    admitted = await asyncio.gather(*(_count(processes[number % 2], caller) for number in range(2 * MOST)))
    assert sum(admitted) == MOST
    assert await _count(processes[0], f"another {caller}")


async def _age(test_database: TestDatabase, caller: str, minutes: int) -> None:
    connection = await asyncpg.connect(**test_database.owner)
    try:
        await connection.execute(
            "UPDATE kit_request_counts SET minute = minute - $2::int,"
            " counted_at = counted_at - make_interval(mins => $2::int) WHERE caller = $1",
            caller,
            minutes,
        )
    finally:
        await connection.close()


async def test_the_part_of_the_previous_minute_within_sixty_seconds_counts(
    database: Database, test_database: TestDatabase, caller: str
) -> None:
    for _ in range(5):
        await count_request(database, CREDENTIALS, caller, allowed=5)
    await _age(test_database, caller, 1)
    counts = [await count_request(database, CREDENTIALS, caller, allowed=5) for _ in range(7)]
    assert {count.before for count in counts} <= {5, 0}
    for number, count in enumerate(counts):
        used = count.before * (1 - count.elapsed_seconds / 60) + count.now
        assert used <= 5 if count.is_admitted else used + 1 > 5, number


async def test_after_two_minutes_nothing_counts(database: Database, test_database: TestDatabase, caller: str) -> None:
    assert (await count_request(database, CREDENTIALS, caller, allowed=1)).is_admitted
    await _age(test_database, caller, 2)
    again = await count_request(database, CREDENTIALS, caller, allowed=1)
    assert (again.before, again.now, again.is_admitted) == (0, 1, True)


async def test_a_refused_request_does_not_count_and_is_refused_again_without_a_query(
    database: Database, caller: str
) -> None:
    now = 0.0
    limits = SharedLimits(database, Limiter(scale=1 / MOST), clock=lambda: now)
    assert await _count(limits, caller)
    assert not await _count(limits, caller)
    limits._database = _Away()  # type: ignore[assignment]  # a query would be counted by the process, and admitted
    assert not await _count(limits, caller)
    now = REFUSAL_SECONDS
    assert await _count(limits, caller)
    count = await count_request(database, CREDENTIALS, caller, allowed=10)
    assert count.before + count.now == 2


async def test_without_a_database_each_process_counts_alone_and_a_metric_tells(caller: str) -> None:
    limits = SharedLimits(_Away(), Limiter())  # type: ignore[arg-type]  # what it does when the database is away
    before = UNSHARED_LIMITS.labels(CREDENTIALS)._value.get()
    admitted = [await _count(limits, caller) for _ in range(MOST + 1)]
    assert admitted == [True] * MOST + [False]
    assert UNSHARED_LIMITS.labels(CREDENTIALS)._value.get() == before + MOST + 1


async def test_a_changed_limit_is_applied_to_the_next_request(database: Database, caller: str) -> None:
    changed: dict[str, int] = {}
    limits = SharedLimits(database, Limiter(changed=lambda: changed))
    first = await limits.count(CREDENTIALS, caller)
    assert (first.policy, first.state.partition(";t")[0]) == (
        f'"credentials";q={MOST};w=60',
        f'"credentials";r={MOST - 1}',
    )
    changed[CREDENTIALS] = 1
    second = await limits.count(CREDENTIALS, caller)
    assert second.policy == '"credentials";q=1;w=60'
    assert second.refused_for_seconds is not None


async def test_old_counts_are_deleted(database: Database, test_database: TestDatabase, caller: str) -> None:
    await count_request(database, CREDENTIALS, caller, allowed=5)
    await _age(test_database, caller, 11)
    await count_request(database, CREDENTIALS, f"{caller} now", allowed=5)
    await delete_old_counts(database)
    async with database.system() as connection:
        rows = await connection.fetch("SELECT caller FROM kit_request_counts WHERE caller LIKE $1", f"{caller}%")
    assert [row["caller"] for row in rows] == [f"{caller} now"]
