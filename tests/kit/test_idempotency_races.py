"""One key, one effect: at every point where two requests could both believe that they are the first."""

import pytest

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import Conflict
from luxewin.kit.idempotency import Completed, InFlight, Intent, Key, Performed, StoredResponse
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

KEY = Key("user:a", "POST /kettles", "k", idempotency.body_hash(b"{}"))
BOILED = StoredResponse(201, b"boiled")


async def boil(tx: Transaction) -> str:
    tx.audit("tests.boiled", target="a kettle")
    return "boiled"


def present(boiled: str) -> StoredResponse:
    return StoredResponse(201, boiled.encode())


async def times_boiled(database: Database, tenant: Tenancy, admin: Principal) -> int:
    async with database.begin(tenant, admin) as tx:
        return int(await tx.fetchval("SELECT count(*) FROM kit_audit WHERE action = 'tests.boiled'"))


async def claim(database: Database, tenant: Tenancy, admin: Principal) -> Intent | Completed:
    return await database.run(tenant, admin, lambda tx: idempotency.claim(tx, KEY))


async def test_a_repeated_request_does_not_start_its_effect_again(
    database: Database, tenant: Tenancy, admin: Principal
) -> None:
    started = []

    async def counted(tx: Transaction) -> str:
        started.append(KEY)
        return await boil(tx)

    first, second = [
        await database.run(tenant, admin, lambda tx: idempotency.perform_once(tx, KEY, counted, present))
        for _ in range(2)
    ]
    assert (first, second) == (Performed("boiled", BOILED), BOILED)
    assert len(started) == 1


async def test_of_two_requests_that_both_found_no_response_the_second_takes_no_effect(
    database: Database, tenant: Tenancy, admin: Principal
) -> None:
    async with database.begin(tenant, admin) as late:
        assert await idempotency.find_response(late, KEY) is None
        await database.run(tenant, admin, lambda tx: idempotency.perform_once(tx, KEY, boil, present))
        late.write(idempotency.store(late, KEY, present(await boil(late))))
        with pytest.raises(Conflict) as refused:
            await late.flush()
    assert (refused.value.code, refused.value.retriable) == (InFlight.code, True)
    assert await times_boiled(database, tenant, admin) == 1


async def test_of_two_requests_that_both_found_an_expired_lease_one_renews_it(
    database: Database, tenant: Tenancy, admin: Principal
) -> None:
    first = await claim(database, tenant, admin)
    assert isinstance(first, Intent)
    async with database.begin(tenant, admin) as tx:
        await tx.fetch("UPDATE kit_idempotency_keys SET lease_until = now() - interval '1 second'")
    async with database.begin(tenant, admin) as late:
        assert await idempotency.claim(late, KEY) == Intent(first.id, resumed=True)
        assert await claim(database, tenant, admin) == Intent(first.id, resumed=True)
        with pytest.raises(InFlight):
            await late.flush()


async def test_a_finished_workflow_is_not_started_again(database: Database, tenant: Tenancy, admin: Principal) -> None:
    first = await claim(database, tenant, admin)
    assert isinstance(first, Intent)
    async with database.begin(tenant, admin) as tx:
        tx.write(idempotency.store(tx, KEY, BOILED))
    assert await claim(database, tenant, admin) == Completed(first.id, BOILED)
