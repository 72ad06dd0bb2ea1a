"""A tenant's catalogue for tests: its clients, events, audit log and invariants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx2

from luxewin.kit.access import SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog.routes import router as catalog_router
from luxewin.modules.catalog_import.routes import router as imports_router
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import Role
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import StockLine
from luxewin.modules.inventory.service import TransferStock, add_location, transfer_stock
from luxewin.modules.vendors.routes import router as vendors_router
from luxewin.workflows.export_catalog.routes import router as exports_router
from tests.conftest import TestDatabase
from tests.web import Web

INVARIANTS = {
    "a product is listed in its category and all its ancestors, and in no other": """
        SELECT p.id FROM catalog_products p LEFT JOIN catalog_categories c
        ON c.tenant_id = p.tenant_id AND c.id = p.category_id
        WHERE ARRAY(SELECT category_id FROM catalog_product_categories m
            WHERE m.tenant_id = p.tenant_id AND m.product_id = p.id ORDER BY 1)
        IS DISTINCT FROM ARRAY(SELECT unnest(coalesce(c.lineage, '{}')) ORDER BY 1)
    """,
    "a category's path and lineage continue its parent's": """
        SELECT c.id FROM catalog_categories c LEFT JOIN catalog_categories p
        ON p.tenant_id = c.tenant_id AND p.id = c.parent_id
        WHERE c.path <> coalesce(p.path || '/', '') || c.name OR c.lineage <> coalesce(p.lineage, '{}') || c.id
    """,
    "a product is listed at the price of its cheapest variant": """
        SELECT p.id FROM catalog_products p WHERE p.deleted_at IS NULL AND p.price_minor IS DISTINCT FROM
        (SELECT min(v.price_minor) FROM catalog_variants v
            WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id AND v.deleted_at IS NULL)
    """,
    "a product is found under each of its tags, and a deleted one under none": """
        SELECT p.id FROM catalog_products p WHERE
        (SELECT count(*) FROM catalog_product_tags t WHERE t.tenant_id = p.tenant_id AND t.product_id = p.id)
        <> CASE WHEN p.deleted_at IS NULL THEN
            (SELECT count(DISTINCT lower(tag)) FROM unnest(p.tags) AS tag) ELSE 0 END
    """,
    "every variant that can be bought has a stock record": """
        SELECT v.id FROM catalog_variants v LEFT JOIN inventory_variants i
        ON i.tenant_id = v.tenant_id AND i.variant_id = v.id WHERE v.deleted_at IS NULL AND i.variant_id IS NULL
    """,
}


class Shop:
    """A tenant with a stock location, and a client for each role."""

    def __init__(self, database: Database, tenant: Tenancy) -> None:
        self.database = database
        self.tenant = tenant
        self.web = Web(database, (catalog_router, vendors_router, imports_router, exports_router))
        self._clients: list[httpx2.AsyncClient] = []
        self.staff = self.client(self._person(Role.ADMIN))
        self.customer = self.client(self._person(Role.CUSTOMER))

    async def open(self) -> None:
        """Create the tenant's stock location."""
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            tx.write(inventory.create_default_location(tx))

    async def close(self) -> None:
        """Close all clients."""
        for client in self._clients:
            await client.aclose()

    def client(self, principal: Principal) -> httpx2.AsyncClient:
        """Return a client with this caller's account."""
        client = self.web.client(self.tenant, principal)
        self._clients.append(client)
        return client

    async def vendor(self, name: str) -> tuple[UUID, httpx2.AsyncClient]:
        """Add a vendor, and return its id and a client of one of its members."""
        added = await self.staff.post("/vendors", json={"name": name})
        assert added.status_code == 201, added.text
        person = await self.account(Role.VENDOR)
        membership = await self.staff.post(
            f"/vendors/{added.json()['id']}/members", json={"user_id": str(person.user_id)}
        )
        assert membership.status_code == 201, membership.text
        return UUID(added.json()["id"]), self.client(person)

    async def account(self, role: Role) -> Principal:
        """Register an account, and return its principal."""
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            email = f"{new_id().hex}@example.com"
            user = await identity.register(tx, name="Somebody", email=email, password_hash="unused", role=role)
        return Principal(role, user_id=user.id, session_id=new_id(), tenant_id=self.tenant.id)

    async def product(self, name: str = "Oslo Chair", **more: Any) -> dict[str, Any]:
        """Create a product, and return the body of the response."""
        body = {"name": name, **more}
        if "variants" not in more:
            body.setdefault("price", dollars(10))
        answer = await self.staff.post("/products", json=body)
        assert answer.status_code == 201, answer.text
        product: dict[str, Any] = answer.json()
        return product

    async def hold(self, variant_id: UUID, quantity: int) -> None:
        """Reserve units of a variant for an order that has the variant's own id."""
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            lines = await inventory.allocate(tx, [StockLine(variant_id, quantity)])
            tx.write(*inventory.hold(tx, lines, owner_id=variant_id, until=await tx.now()))

    async def sell(self, variant_id: UUID, quantity: int) -> None:
        """Sell units of a variant."""
        await self.hold(variant_id, quantity)
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            tx.write(*inventory.consume(tx, await inventory.active_reservations(tx, variant_id)))

    async def move_elsewhere(self, variant_id: UUID, quantity: int) -> None:
        """Transfer units of a variant from the default location to a new one."""
        main, elsewhere = await self.rows("SELECT id FROM inventory_locations"), new_id()
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            location = await add_location(tx, code=f"annex-{elsewhere.hex}", name="Annex")
            await tx.flush()
            await transfer_stock(
                tx,
                TransferStock(
                    id=new_id(),
                    variant_id=variant_id,
                    from_location_id=main[0]["id"],
                    to_location_id=location.id,
                    quantity=quantity,
                ),
            )

    async def allow_backorders(self, variant_id: UUID, limit: int) -> None:
        """Let a variant be sold beyond its stock."""
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            await tx.execute(
                "UPDATE inventory_stock SET backorder_limit = $2 WHERE tenant_id = $1 AND variant_id = $3",
                tx.tenant_id,
                limit,
                variant_id,
            )

    async def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """Return the rows of a query by the application's role."""
        async with self.database.begin(self.tenant, SYSTEM) as tx:
            return await tx.fetch(sql, *parameters)

    async def events(self) -> list[tuple[str, int]]:
        """Return the types and versions of all events of the catalogue, in order."""
        async with self.database.system() as connection:
            rows = await connection.fetch(
                "SELECT type, aggregate_version FROM kit_outbox WHERE tenant_id = $1 AND type LIKE 'catalog.%'"
                " ORDER BY number",
                self.tenant.id,
            )
        return [(row["type"], row["aggregate_version"]) for row in rows]

    async def traces(self) -> tuple[int, int, int]:
        """Return the numbers of events, audit entries and stock movements."""
        async with self.database.system() as connection:
            events = await connection.fetchval("SELECT count(*) FROM kit_outbox WHERE tenant_id = $1", self.tenant.id)
        [row] = await self.rows(
            "SELECT (SELECT count(*) FROM kit_audit WHERE action NOT LIKE 'catalog.import%') AS audit,"
            " (SELECT count(*) FROM inventory_movements) AS movements"
        )
        return events, row["audit"], row["movements"]

    async def violated_invariants(self) -> list[str]:
        """Return the violated invariants of the catalogue."""
        return [name for name, sql in INVARIANTS.items() if await self.rows(sql)]

    def _person(self, role: Role) -> Principal:
        return Principal(role, user_id=new_id(), session_id=new_id(), tenant_id=self.tenant.id)


def dollars(amount: int) -> dict[str, Any]:
    """Return an amount of whole dollars as in a request body."""
    return {"amount": amount * 100, "currency": "USD"}


@asynccontextmanager
async def listen_to(test_database: TestDatabase, channel: str) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Listen to a channel of the database; yield a function that waits for the next notification."""
    payloads: asyncio.Queue[str] = asyncio.Queue()

    def receive(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        payloads.put_nowait(str(payload))

    async def next_notification() -> str:
        async with asyncio.timeout(30):
            return await payloads.get()

    listener = await asyncpg.connect(**test_database.role("system"))
    try:
        await listener.add_listener(channel, receive)
        yield next_notification
    finally:
        await listener.close()
