"""No query of any route reads a large table from end to end, seen as the application's role sees it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
import pytest

from luxewin.demo.seeding import seed
from luxewin.kit.jobs import Job, keep
from luxewin.kit.pools import speak_json
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import compose
from luxewin.main import application
from luxewin.migrations.migrating import migrate
from luxewin.modules.payments.gateways.opening import open_gateways
from luxewin.modules.raffles.public import RaffleSecrets, open_beacons
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.worker import draw_everywhere
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.security.multitude import multiply
from tests.security.operations import Operation, operations, resolved
from tests.security.test_authorisation_matrix import send
from tests.security.world import ROLES, Shop, World, world_of
from tests.servers import TestServer, settings_for

LARGE_ROWS = 1_000
EXPORTS = ("/api/v1/exports/products.csv", "/api/v1/exports/products.jsonl")
PROOF = "/api/v1/ledger/proof"
"""What reads whole tables because its answer is about all of them: called while the shop is small."""
_TENANT_ALONE = re.compile(r"^\(tenant_id = [^=]*\)$")


@dataclass(slots=True)
class Statements:
    """What the application has asked its database for, each text once, with the parameters of the last time."""

    of: dict[tuple[str, UUID], tuple[str, tuple[Any, ...]]] = field(default_factory=dict)
    during: str = "building the world"

    def note(self, tx: Transaction, sql: str, parameters: tuple[Any, ...]) -> None:
        """Remember a statement with the operation that it was sent for."""
        self.of[sql, tx.tenant_id] = (self.during, parameters)


@pytest.fixture(scope="module")
def statements() -> Iterator[Statements]:
    """Every statement that transactions of the application send from now on."""
    noted = Statements()
    with pytest.MonkeyPatch.context() as patched:
        for name in ("fetch", "fetchrow", "fetchval"):
            patched.setattr(Transaction, name, _noting(getattr(Transaction, name), noted))
        patched.setattr(Transaction, "_send", _noting_writes(Transaction._send, noted))
        yield noted


def _noting(ask: Callable[..., Any], noted: Statements) -> Callable[..., Any]:
    async def asked(tx: Transaction, sql: str, *parameters: Any) -> Any:
        noted.note(tx, sql, parameters)
        return await ask(tx, sql, *parameters)

    return asked


def _noting_writes(send: Callable[..., Any], noted: Statements) -> Callable[..., Any]:
    async def sent(tx: Transaction, writes: Any) -> None:
        sql, parameters = compose(writes)
        noted.note(tx, sql, tuple(parameters))
        await send(tx, writes)

    return sent


@pytest.fixture(scope="module")
async def installation(server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation of its own on the test server, migrated and seeded."""
    folder: Path = tmp_path_factory.mktemp("plans")
    account = {"LUXEWIN_ADMIN_EMAIL": ADMIN_EMAIL, "LUXEWIN_ADMIN_PASSWORD": ADMIN_PASSWORD}
    settings, secrets = settings_for(folder, **account)
    made = Installation(settings, secrets, server.create_database(f"plans_{uuid4().hex[:8]}"))
    await migrate(made.owner.connect_arguments(), made.passwords())
    await seed(made, report=lambda _line: None)
    return made


@asynccontextmanager
async def connected(arguments: dict[str, Any]) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(**arguments)
    try:
        await speak_json(connection)
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def multitude(installation: Installation, statements: Statements) -> AsyncIterator[World]:
    """A shop with a hundred thousand products, in which every operation has been called by everybody."""
    async with AsyncExitStack() as opened:
        middleware = await opened.enter_async_context(application(installation))

        def client(**headers: str) -> httpx.AsyncClient:
            return httpx.AsyncClient(
                transport=httpx.ASGITransport(app=middleware),
                base_url="http://localhost/api/v1",
                headers={name.replace("_", "-"): text for name, text in headers.items()},
            )

        async with client() as visitor:
            login = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
            token = (await visitor.post("/auth/login", json=login)).json()["access_token"]
        super_admin = {"authorization": f"Bearer {token}"}
        async with drawing(installation):
            world = await opened.enter_async_context(world_of("http://localhost", client, super_admin))
        for export in EXPORTS:
            statements.during = export
            await world.ours.people["admin"].get(world.origin + export)
        async with connected(installation.owner.connect_arguments()) as owner:
            await multiply(owner, world.ours.values["tenant_id"])
        for operation in (one for one in operations() if one.path not in {*EXPORTS, PROOF}):
            statements.during = str(operation)
            await call_in_every_way(world, operation)
        yield world


@asynccontextmanager
async def drawing(installation: Installation) -> AsyncIterator[None]:
    """Draw raffles that are due, as the worker does, while the block runs."""
    async with AsyncExitStack() as opened:
        database = await installation.open_database()
        opened.push_async_callback(database.close)
        gateways = (await opened.enter_async_context(open_gateways(installation))).offered
        key = installation.key("beacon")
        beacons = await opened.enter_async_context(open_beacons(installation.settings.beacon, key, is_production=False))
        secrets = RaffleSecrets(installation.secrets.master_key)

        async def draw() -> None:
            await draw_everywhere(database, Directory(database), gateways, beacons, secrets)

        keeping = asyncio.create_task(keep([Job("draw raffles", 0.5, draw)]))
        opened.callback(keeping.cancel)
        yield


async def call_in_every_way(world: World, operation: Operation) -> None:
    """Call an operation as everybody, and with each of its parameters."""
    shop = world.ours
    for person in ROLES:
        answer = await send(shop.people[person], world.origin, operation, shop.values_for(operation.path))
        assert answer.status_code < 500, f"{person} {operation}: {answer.text}"
    for name, schema in operation.queries.items():
        for value in asked_for(shop, name, schema):
            address = world.origin + operation.at(shop.values_for(operation.path))
            for person in ("anonymous", "admin"):
                answer = await shop.people[person].get(address, params={"limit": "10", name: value})
                assert answer.status_code < 500, f"{person} {operation} {name}={value}: {answer.text}"
                await next_page(shop.people[person], address, answer, name, value)


async def next_page(client: httpx.AsyncClient, address: str, answer: httpx.Response, name: str, value: str) -> None:
    """Read one page more: a cursor makes another query."""
    if answer.status_code == 200 and (cursor := answer.json().get("next_cursor")):
        following = await client.get(address, params={"limit": "10", name: value, "cursor": cursor})
        assert following.status_code == 200, following.text


def asked_for(shop: Shop, name: str, schema: Mapping[str, Any]) -> list[str]:
    """Return values of a parameter that find something."""
    known = {
        "category": [shop.values["category"], shop.canary],
        "tag": ["tag7", shop.canary],
        "vendor": [shop.values["vendor_id"], shop.canary],
        "q": [shop.canary, "chair"],
        "email": [f"customer-{shop.canary}@example.com"],
        "cause_id": [shop.values["payment_id"]],
        "country": ["GB"],
        "in_stock": ["true", "false"],
        "min_price": ["9000"],
        "max_price": ["9900"],
        "limit": ["100"],
        "after": ["5000"],
    }
    if name in known:
        return known[name]
    if name in shop.values:
        return [shop.values[name]]
    choices = [schema, *schema.get("anyOf", ())]
    return [word for choice in choices for word in enumerated(choice)]


def enumerated(schema: Mapping[str, Any]) -> list[str]:
    return [str(word) for word in resolved(schema).get("enum", ())]


async def test_no_query_of_any_route_reads_a_large_table_from_end_to_end(
    multitude: World, installation: Installation, statements: Statements
) -> None:
    async with connected(installation.role("app")) as connection:
        large = {
            row["name"]
            for row in await connection.fetch(
                "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND reltuples > $1", LARGE_ROWS
            )
        }
        assert {"catalog_products", "orders_orders", "cart_carts", "identity_users"} <= large
        assert len(statements.of) > 200
        found = []
        for (sql, tenant_id), (during, parameters) in statements.of.items():
            if str(tenant_id) != multitude.ours.values["tenant_id"]:
                continue
            await connection.execute(f"SET app.tenant_id = '{tenant_id}'")
            plan = orjson.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *parameters))
            found += [f"{during} reads all of {table}: {sql}" for table in scanned(plan[0]["Plan"]) if table in large]
    assert not found, "\n\n".join(found)


async def test_a_query_that_no_index_helps_is_noticed(multitude: World, installation: Installation) -> None:
    async with connected(installation.role("app")) as connection:
        await connection.execute(f"SET app.tenant_id = '{multitude.ours.values['tenant_id']}'")
        for condition in ("description = 'x'", "name ILIKE '%x%'", "tags @> ARRAY['x']"):
            sql = f"EXPLAIN (FORMAT JSON) SELECT id FROM catalog_products WHERE {condition}"
            plan = orjson.loads(await connection.fetchval(sql))
            assert list(scanned(plan[0]["Plan"])) == ["catalog_products"]


def scanned(plan: dict[str, Any], *, bounded: bool = False) -> Iterator[str]:
    """Walk a plan: the tables of which it reads all rows, or all rows of the tenant.

    Below a limit a walk through an index ends early, unless all of it is wanted first, for sorting or for counting.
    """
    kind = plan["Node Type"]
    bounded = (bounded or kind == "Limit") and kind not in {"Sort", "Aggregate", "Hash", "Materialize"}
    if kind == "Seq Scan" or (not bounded and _TENANT_ALONE.match(plan.get("Index Cond", ""))):
        yield plan.get("Relation Name") or plan["Index Name"]
    for part in plan.get("Plans", ()):
        yield from scanned(part, bounded=bounded)
