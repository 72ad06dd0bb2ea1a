"""No query of any route scans a large table, planned with the role of the application."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import orjson
import pytest

from luxewin.configuration import LOGIN_ROLES
from luxewin.demo.seeding import seed
from luxewin.kit.jobs import Job, run_jobs
from luxewin.kit.pools import PLANNING, register_json_codec
from luxewin.kit.statistics import analyse_growing_tables
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import compose
from luxewin.main import application
from luxewin.migrations.migrating import migrate
from luxewin.modules.payments.gateways.opening import open_gateways
from luxewin.modules.raffles.public import BeaconSettings, RaffleSecrets, open_beacons
from luxewin.modules.tenants.public import Directory
from luxewin.runtime.installation import Installation
from luxewin.workflows.draw_raffle.jobs import draw_everywhere
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD
from tests.security.bulk_data import multiply
from tests.security.operations import Operation, operations, resolve
from tests.security.shops import ROLES, Shop, Shops, created_shops
from tests.security.test_authorisation_matrix import send
from tests.servers import TestServer, settings_for

LARGE_ROWS = 1_000
EXPORTS = ("/api/v1/exports/products.csv", "/api/v1/exports/products.jsonl")
PROOF = "/api/v1/ledger/proof"
"""Operations that must read complete tables: called while the shop is small."""
_TENANT_ALONE = re.compile(r"^\(tenant_id = [^=]*\)$")


@dataclass(slots=True)
class Statements:
    """The statements of the application, each text once, with the parameters of its last execution."""

    of: dict[tuple[str, UUID], tuple[str, tuple[Any, ...]]] = field(default_factory=dict)
    during: str = "building the shops"
    in_a_young_shop: "YoungShop | None" = None

    def note(self, tx: Transaction, sql: str, parameters: tuple[Any, ...]) -> None:
        """Record a statement with the operation that sent it."""
        self.of[sql, tx.tenant_id] = (self.during, parameters)


@pytest.fixture(scope="module")
def statements() -> Iterator[Statements]:
    """Records every statement that transactions of the application send."""
    recorded = Statements()
    with pytest.MonkeyPatch.context() as patched:
        for name in ("fetch", "fetchrow", "fetchval"):
            patched.setattr(Transaction, name, _recording(getattr(Transaction, name), recorded))
        patched.setattr(Transaction, "_send", _recording_writes(Transaction._send, recorded))
        yield recorded


@dataclass(frozen=True, slots=True)
class YoungShop:
    """A connection that planned its prepared statements while the tables had a handful of rows."""

    connection: Any
    prepared: Mapping[str, tuple[str, int]]

    async def plan_of(self, name: str) -> dict[str, Any]:
        """Return the plan of a prepared statement: the one it has, unless its tables were analysed since."""
        _, parameters = self.prepared[name]
        values = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
        plan = orjson.loads(await self.connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE {name}{values}"))
        return dict(plan[0]["Plan"])


@asynccontextmanager
async def planned_in_a_young_shop(
    installation: Installation, statements: Statements, shops: Shops
) -> AsyncIterator[YoungShop]:
    """Prepare and plan the statements of our shop as the application does."""
    ours = UUID(shops.ours.values["tenant_id"])
    texts = {sql: len(parameters) for (sql, tenant_id), (_, parameters) in statements.of.items() if tenant_id == ours}
    prepared = {f"s{number}": text for number, text in enumerate(texts.items())}
    async with connected(installation.role("app") | {"server_settings": PLANNING}) as connection:
        await connection.execute(f"SET app.tenant_id = '{ours}'")
        shop = YoungShop(connection, prepared)
        for name, (sql, _) in prepared.items():
            await connection.execute(f"PREPARE {name} AS {sql}")
            await shop.plan_of(name)
        yield shop


def _recording(query: Callable[..., Any], recorded: Statements) -> Callable[..., Any]:
    async def recording_query(tx: Transaction, sql: str, *parameters: Any) -> Any:
        recorded.note(tx, sql, parameters)
        return await query(tx, sql, *parameters)

    return recording_query


def _recording_writes(send: Callable[..., Any], recorded: Statements) -> Callable[..., Any]:
    async def sent(tx: Transaction, writes: Any) -> None:
        sql, parameters = compose(writes)
        recorded.note(tx, sql, tuple(parameters))
        await send(tx, writes)

    return sent


@pytest.fixture(scope="module")
async def installation(server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A separate installation on the test server, migrated and seeded."""
    folder: Path = tmp_path_factory.mktemp("plans")
    account = {"LUXEWIN_ADMIN_EMAIL": ADMIN_EMAIL, "LUXEWIN_ADMIN_PASSWORD": ADMIN_PASSWORD}
    settings, secrets = settings_for(folder, **account)
    made = Installation(settings, secrets, server.create_database(f"plans_{uuid4().hex[:8]}"), LOGIN_ROLES)
    await migrate(made.owner.connect_arguments(), made.logins())
    await seed(made, report=lambda _line: None)
    return made


@asynccontextmanager
async def connected(arguments: dict[str, Any]) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(**arguments)
    try:
        await register_json_codec(connection)
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def large_shops(installation: Installation, statements: Statements) -> AsyncIterator[Shops]:
    """Two shops, one with a hundred thousand products, in which every operation has been called with every role."""
    async with AsyncExitStack() as opened:
        app = await opened.enter_async_context(application(installation))

        def client(**headers: str) -> httpx2.AsyncClient:
            return httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=app),
                base_url="http://localhost/api/v1",
                headers={name.replace("_", "-"): text for name, text in headers.items()},
            )

        async with client() as visitor:
            login = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
            token = (await visitor.post("/auth/login", json=login)).json()["access_token"]
        super_admin = {"authorization": f"Bearer {token}"}
        async with drawing(installation):
            shops = await opened.enter_async_context(created_shops("http://localhost", client, super_admin))
        for export in EXPORTS:
            statements.during = export
            await shops.ours.people["admin"].get(shops.origin + export)
        young_shop = await opened.enter_async_context(planned_in_a_young_shop(installation, statements, shops))
        async with connected(installation.owner.connect_arguments()) as owner:
            await multiply(owner, shops.ours.values["tenant_id"])
        database = await installation.open_database()
        opened.push_async_callback(database.close)
        await analyse_growing_tables(database)
        statements.in_a_young_shop = young_shop
        for operation in (one for one in operations() if one.path not in {*EXPORTS, PROOF}):
            statements.during = str(operation)
            await call_in_every_way(shops, operation)
        yield shops


@asynccontextmanager
async def drawing(installation: Installation) -> AsyncIterator[None]:
    """Run the worker's job that draws raffles while the block runs."""
    async with AsyncExitStack() as opened:
        database = await installation.open_database()
        opened.push_async_callback(database.close)
        gateways = (await opened.enter_async_context(open_gateways(installation))).offered
        key = installation.key("beacon")
        beacons = await opened.enter_async_context(
            open_beacons(installation.settings.of(BeaconSettings), key, is_production=False)
        )
        secrets = RaffleSecrets(installation.secrets.master_key)

        async def draw() -> None:
            await draw_everywhere(database, Directory(database), gateways, beacons, secrets)

        keeping = asyncio.create_task(run_jobs([Job("draw raffles", 0.5, draw)]))
        opened.callback(keeping.cancel)
        yield


async def call_in_every_way(shops: Shops, operation: Operation) -> None:
    """Call an operation with every role, and with each of its query parameters."""
    shop = shops.ours
    for person in ROLES:
        answer = await send(shop.people[person], shops.origin, operation, shop.values_for(operation.path))
        assert answer.status_code < 500, f"{person} {operation}: {answer.text}"
    for name, schema in operation.queries.items():
        for value in values_with_results(shop, name, schema):
            address = shops.origin + operation.at(shop.values_for(operation.path))
            for person in ("anonymous", "admin"):
                answer = await shop.people[person].get(address, params={"limit": "10", name: value})
                assert answer.status_code < 500, f"{person} {operation} {name}={value}: {answer.text}"
                await next_page(shop.people[person], address, answer, name, value)


async def next_page(client: httpx2.AsyncClient, address: str, answer: httpx2.Response, name: str, value: str) -> None:
    """Read the next page, because a cursor changes the query."""
    if answer.status_code == 200 and (cursor := answer.json().get("next_cursor")):
        following = await client.get(address, params={"limit": "10", name: value, "cursor": cursor})
        assert following.status_code == 200, following.text


def values_with_results(shop: Shop, name: str, schema: Mapping[str, Any]) -> list[str]:
    """Return values of a parameter for which there are results."""
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
    return [str(word) for word in resolve(schema).get("enum", ())]


async def test_no_query_of_any_route_scans_a_large_table(
    large_shops: Shops, installation: Installation, statements: Statements
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
            if str(tenant_id) != large_shops.ours.values["tenant_id"]:
                continue
            await connection.execute(f"SET app.tenant_id = '{tenant_id}'")
            plan = orjson.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *parameters))
            found += [f"{during} reads all of {table}: {sql}" for table in scanned(plan[0]["Plan"]) if table in large]
    assert not found, "\n\n".join(found)


async def test_a_plan_made_in_a_young_shop_does_not_outlive_it(
    large_shops: Shops, installation: Installation, statements: Statements
) -> None:
    young_shop = statements.in_a_young_shop
    assert young_shop is not None
    assert len(young_shop.prepared) > 100
    outdated = []
    async with connected(installation.role("app") | {"server_settings": PLANNING}) as connection:
        await connection.execute(f"SET app.tenant_id = '{large_shops.ours.values['tenant_id']}'")
        today = YoungShop(connection, young_shop.prepared)
        for name, (sql, _) in young_shop.prepared.items():
            await connection.execute(f"PREPARE {name} AS {sql}")
            plans = [indexes(await shop.plan_of(name)) for shop in (young_shop, today)]
            if plans[0] != plans[1]:
                outdated.append(f"{plans[0]} instead of {plans[1]}: {sql}")
    assert not outdated, "\n\n".join(outdated)


def indexes(plan: dict[str, Any]) -> list[str]:
    """Return the indexes that a plan uses, and the conditions on them."""
    own = [f"{plan['Index Name']} {plan.get('Index Cond', '')}"] if "Index Name" in plan else []
    return own + [index for part in plan.get("Plans", ()) for index in indexes(part)]


async def test_a_query_without_a_usable_index_is_detected(large_shops: Shops, installation: Installation) -> None:
    async with connected(installation.role("app")) as connection:
        await connection.execute(f"SET app.tenant_id = '{large_shops.ours.values['tenant_id']}'")
        for condition in ("description = 'x'", "name ILIKE '%x%'", "tags @> ARRAY['x']"):
            sql = f"EXPLAIN (FORMAT JSON) SELECT id FROM catalog_products WHERE {condition}"
            plan = orjson.loads(await connection.fetchval(sql))
            assert list(scanned(plan[0]["Plan"])) == ["catalog_products"]


def scanned(plan: dict[str, Any], *, bounded: bool = False) -> Iterator[str]:
    """Yield the tables of a plan of which it reads all rows, or all rows of the tenant.

    An index scan below a limit ends early, unless a sort or an aggregate needs all rows first.
    """
    kind = plan["Node Type"]
    bounded = (bounded or kind == "Limit") and kind not in {"Sort", "Aggregate", "Hash", "Materialize"}
    if kind == "Seq Scan" or (not bounded and _TENANT_ALONE.match(plan.get("Index Cond", ""))):
        yield plan.get("Relation Name") or plan["Index Name"]
    for part in plan.get("Plans", ()):
        yield from scanned(part, bounded=bounded)
