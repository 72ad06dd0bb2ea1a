"""One key, one effect, one answer."""

import asyncio

import pytest

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import InvalidInput, KeyReused
from luxewin.kit.http.context import RequestContext
from luxewin.kit.idempotency import InFlight, Intent, Key, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction


def key(name: str, body: bytes = b"{}") -> Key:
    return Key("user:a", "POST /kettles", name, idempotency.body_hash(body))


@pytest.fixture
def context(database: Database, tenant: Tenancy, admin: Principal) -> RequestContext:
    return RequestContext(
        database=database, tenant=tenant, principal=admin, request_id="tests", address="127.0.0.1", key=key("k")
    )


async def boil(tx: Transaction) -> StoredAnswer:
    tx.audit("tests.boiled", target="a kettle")
    return StoredAnswer(201, str(new_id()).encode(), {"etag": '"1"'})


async def times_boiled(database: Database, tenant: Tenancy, admin: Principal) -> int:
    async with database.begin(tenant, admin) as tx:
        return int(await tx.fetchval("SELECT count(*) FROM kit_audit WHERE action = 'tests.boiled'"))


async def test_thirty_simultaneous_requests_with_one_key_have_one_effect_and_one_answer(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    answers = await asyncio.gather(*(context.write(boil) for _ in range(30)))
    assert len({bytes(answer.body) for answer in answers}) == 1
    assert {(answer.status_code, answer.headers["etag"]) for answer in answers} == {(201, '"1"')}
    assert await times_boiled(database, tenant, admin) == 1


async def test_a_key_that_comes_back_with_another_body_is_refused(context: RequestContext) -> None:
    await context.write(boil)
    context.key = key("k", b'{"degrees": 80}')
    with pytest.raises(KeyReused):
        await context.write(boil)


async def test_the_same_key_of_another_caller_is_another_key(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    await context.write(boil)
    context.key = Key("user:b", "POST /kettles", "k", idempotency.body_hash(b"{}"))
    await context.write(boil)
    assert await times_boiled(database, tenant, admin) == 2


async def test_a_rehearsal_shows_the_effect_and_leaves_none(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    context.is_dry_run = True
    assert (await context.write(boil)).status_code == 201
    assert await times_boiled(database, tenant, admin) == 0


async def test_a_claim_in_flight_keeps_others_out_until_its_lease_has_run_out(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    async def begin(_tx: Transaction, intent: Intent) -> Intent:
        return intent

    first = await context.claim(begin)
    assert isinstance(first, Intent)
    assert not first.resumed
    with pytest.raises(InFlight):
        await database.run(tenant, admin, lambda tx: idempotency.claim(tx, key("k")))
    async with database.begin(tenant, admin) as tx:
        await tx.fetch("UPDATE kit_idempotency_keys SET lease_until = now() - interval '1 second'")
    again = await context.claim(begin)
    assert again == Intent(first.id, resumed=True)


async def test_an_equal_request_in_flight_is_waited_for_and_its_answer_is_given(context: RequestContext) -> None:
    concluded = asyncio.Event()

    async def begin(_tx: Transaction, intent: Intent) -> Intent:
        return intent

    async def conclude(tx: Transaction) -> None:
        assert context.key is not None
        tx.write(idempotency.store(tx, context.key, StoredAnswer(201, b"done")))

    await context.claim(begin)
    waiting = asyncio.ensure_future(context.claim(begin))
    concluded.set()
    await context.read(conclude)
    assert await waiting == StoredAnswer(201, b"done")


@pytest.mark.parametrize("text", ["", "x" * 256, "caf\u00e9", "two\nlines"])
def test_a_key_that_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        idempotency.parsed_key(text)
