"""One key, one effect, one response."""

import asyncio
from uuid import UUID

import pytest

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import InvalidInput, KeyReused
from luxewin.kit.http.context import RequestContext, with_member
from luxewin.kit.http.workflow_run import WorkflowRun, run_workflow
from luxewin.kit.idempotency import Completed, InFlight, Intent, Key, Performed, StoredResponse
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


async def boil(tx: Transaction) -> UUID:
    """Boil a kettle, and return the id of what came of it."""
    tx.audit("tests.boiled", target="a kettle")
    return new_id()


def present(boiled: UUID) -> StoredResponse:
    return StoredResponse(201, str(boiled).encode(), {"etag": '"1"'})


async def times_boiled(database: Database, tenant: Tenancy, admin: Principal) -> int:
    async with database.begin(tenant, admin) as tx:
        return int(await tx.fetchval("SELECT count(*) FROM kit_audit WHERE action = 'tests.boiled'"))


async def expire_leases(database: Database, tenant: Tenancy, admin: Principal) -> None:
    async with database.begin(tenant, admin) as tx:
        await tx.fetch("UPDATE kit_idempotency_keys SET lease_until = now() - interval '1 second'")


async def boil_in_two_steps(run: WorkflowRun[UUID]) -> UUID:
    """Boil a kettle in the first step, and conclude in the second."""

    async def begin(tx: Transaction, intent: Intent) -> UUID:
        if not intent.resumed:
            await boil(tx)
        return intent.id

    async def last_step(tx: Transaction) -> UUID:
        run.conclude(tx, boiled)
        return boiled

    boiled = await run.claim(begin)
    return await run.context.transaction(last_step)


async def test_thirty_simultaneous_requests_with_one_key_have_one_effect_and_one_response(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    responses = await asyncio.gather(*(context.write(boil, present) for _ in range(30)))
    assert len({bytes(response.body) for response in responses}) == 1
    assert {(response.status_code, response.headers["etag"]) for response in responses} == {(201, '"1"')}
    assert await times_boiled(database, tenant, admin) == 1


async def test_only_the_request_that_took_effect_gets_the_value(context: RequestContext) -> None:
    first = await context.perform(boil, present)
    assert isinstance(first, Performed)
    assert await context.perform(boil, present) == first.response == present(first.value)


async def test_a_key_reused_with_another_body_is_refused(context: RequestContext) -> None:
    await context.write(boil, present)
    context.key = key("k", b'{"degrees": 80}')
    with pytest.raises(KeyReused):
        await context.write(boil, present)


async def test_the_same_key_of_another_caller_is_another_key(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    await context.write(boil, present)
    context.key = Key("user:b", "POST /kettles", "k", idempotency.body_hash(b"{}"))
    await context.write(boil, present)
    assert await times_boiled(database, tenant, admin) == 2


async def test_a_dry_run_shows_the_effect_and_leaves_none(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    context.is_dry_run = True
    assert (await context.write(boil, present)).status_code == 201
    assert await times_boiled(database, tenant, admin) == 0


async def test_a_workflow_is_run_once_and_its_response_is_replayed_with_the_id_of_its_intent(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    first = await run_workflow(context, boil_in_two_steps, present)
    assert first.response == present(first.intent_id)
    assert await run_workflow(context, boil_in_two_steps, present) == first
    assert await times_boiled(database, tenant, admin) == 1


async def test_a_workflow_without_a_key_runs_each_time(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    context.key = None
    first, second = [await run_workflow(context, boil_in_two_steps, present) for _ in range(2)]
    assert first.intent_id != second.intent_id
    assert await times_boiled(database, tenant, admin) == 2


async def test_a_workflow_presents_its_value_once(context: RequestContext) -> None:
    presented = []

    def counted(boiled: UUID) -> StoredResponse:
        presented.append(boiled)
        return present(boiled)

    completed = await run_workflow(context, boil_in_two_steps, counted)
    assert presented == [completed.intent_id]


async def test_a_lease_keeps_other_requests_out_until_it_expires(
    context: RequestContext, database: Database, tenant: Tenancy, admin: Principal
) -> None:
    async def begin(_tx: Transaction, intent: Intent) -> Intent:
        return intent

    first = await WorkflowRun(context, present).claim(begin)
    assert not first.resumed
    with pytest.raises(InFlight):
        await database.run(tenant, admin, lambda tx: idempotency.claim(tx, key("k")))
    await expire_leases(database, tenant, admin)
    run = WorkflowRun(context, present)
    assert await run.claim(begin) == Intent(first.id, resumed=True)
    assert run.intent_id == first.id


async def test_an_equal_request_in_flight_is_waited_for_and_its_response_is_replayed(context: RequestContext) -> None:
    async def begin(_tx: Transaction, intent: Intent) -> UUID:
        return intent.id

    async def conclude(tx: Transaction) -> None:
        first.conclude(tx, boiled)

    first = WorkflowRun(context, present)
    boiled = await first.claim(begin)
    waiting = asyncio.ensure_future(run_workflow(context, boil_in_two_steps, present))
    await asyncio.sleep(0)
    await context.transaction(conclude)
    assert await waiting == Completed(first.intent_id, present(boiled))


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (b'{"id":1}', b'{"id":1,"token":"secret"}'),
        (b'{"id":1,"token":null}', b'{"id":1,"token":"secret"}'),
        (b'{"of":{"id":1}}', b'{"of":{"id":1},"token":"secret"}'),
    ],
)
def test_a_secret_is_added_to_a_stored_object_when_it_is_sent(body: bytes, sent: bytes) -> None:
    assert with_member(StoredResponse(201, body), "token", "secret").body == sent


@pytest.mark.parametrize("text", ["", "x" * 256, "caf\u00e9", "two\nlines"])
def test_a_malformed_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        idempotency.parse_key(text)
