"""A shop for tests, with products and the clients of its buyers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from luxewin.kit.access import SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.cart.routes import router
from luxewin.modules.identity.public import Role
from tests.modules.inventory.stockroom import Stockroom
from tests.web import Web


@dataclass(frozen=True, slots=True)
class Shop:
    """One tenant's shop."""

    database: Database
    tenant: Tenancy

    @property
    def stockroom(self) -> Stockroom:
        return Stockroom(self.database, self.tenant)

    async def open(self) -> None:
        await self.stockroom.open()
        await self.ship("standard", 0)

    async def ship(self, code: str, amount_minor: int, *, countries: list[str] | None = None) -> None:
        """Offer a shipping method, or change its price and countries."""
        await self.execute(
            "INSERT INTO shipping_methods (tenant_id, id, code, name, amount_minor, currency, countries, active,"
            " created_at, updated_at, version) VALUES ($1, $2, $3, $3, $4, $5, $6, true, now(), now(), 1)"
            " ON CONFLICT (tenant_id, code) DO UPDATE SET amount_minor = $4, countries = $6",
            new_id(),
            code,
            amount_minor,
            self.tenant.currency,
            countries,
        )

    async def product(self, *, price_minor: int = 64_900, stock: int | None = 10, variants: int = 1) -> list[UUID]:
        """Sell a product and return its variants; stock None is not tracked."""
        product_id, variant_ids = new_id(), [new_id() for _ in range(variants)]
        await self.execute(
            "INSERT INTO catalog_products (tenant_id, id, slug, name, sort_name, description, status, attributes, tags,"
            " images, options, currency, price_minor, extra, created_at, updated_at, version) VALUES"
            " ($1, $2, $3, 'Oslo Lounge Chair', 'oslo', '', 'active', '{}', '{}', '[]', '[]', $4, $5, '{}',"
            " now(), now(), 1)",
            product_id,
            f"chair-{product_id}",
            self.tenant.currency,
            price_minor,
        )
        for position, variant_id in enumerate(variant_ids):
            await self.execute(
                "INSERT INTO catalog_variants (tenant_id, id, product_id, position, options, option_key, sku, barcode,"
                " currency, price_minor, requires_shipping, taxable, tax_code, extra, created_at, updated_at) VALUES"
                " ($1, $2, $3, $4, $5, $6, $7, '', $8, $9, true, true, '', '{}', now(), now())",
                variant_id,
                product_id,
                position,
                {"Colour": f"Grey {position}"},
                str(position),
                f"CHAIR-{variant_id}",
                self.tenant.currency,
                price_minor,
            )
            await self.stockroom.variant(stock or 0, tracked=stock is not None, variant_id=variant_id)
        return variant_ids

    async def reprice(self, variant_id: UUID, price_minor: int) -> None:
        await self.execute(
            "UPDATE catalog_variants SET price_minor = $3 WHERE tenant_id = $1 AND id = $2", variant_id, price_minor
        )

    async def withdraw(self, variant_id: UUID) -> None:
        """Stop selling the product that a variant belongs to."""
        await self.execute(
            "UPDATE catalog_products SET status = 'draft' WHERE tenant_id = $1 AND id ="
            " (SELECT product_id FROM catalog_variants WHERE tenant_id = $1 AND id = $2)",
            variant_id,
        )

    async def product_of(self, variant_id: UUID) -> UUID:
        (row,) = await self.rows("SELECT product_id FROM catalog_variants WHERE tenant_id = $1 AND id = $2", variant_id)
        found: UUID = row["product_id"]
        return found

    async def execute(self, sql: str, *parameters: Any) -> None:
        await self.database.run(self.tenant, SYSTEM, lambda tx: tx.connection.execute(sql, self.tenant.id, *parameters))

    async def rows(self, sql: str, *parameters: Any) -> list[Any]:
        return await self.database.run(self.tenant, SYSTEM, lambda tx: tx.fetch(sql, self.tenant.id, *parameters))

    def visitor(self) -> "Shopper":
        """Return a client without an account."""
        return Shopper(Web(self.database, (router,)).client(self.tenant))

    def customer(self, user_id: UUID | None = None) -> "Shopper":
        """Return a client with an account."""
        principal = Principal(Role.CUSTOMER, user_id=user_id or new_id(), tenant_id=self.tenant.id)
        return Shopper(Web(self.database, (router,)).client(self.tenant, principal))


@dataclass(slots=True)
class Shopper:
    """A client with a cart; a guest sends the token from the first response."""

    client: httpx2.AsyncClient
    token: str | None = None

    async def add(self, variant_id: UUID, quantity: int = 1, **headers: str) -> httpx2.Response:
        return await self.ask("POST", "/cart/items", {"variant_id": str(variant_id), "quantity": quantity}, **headers)

    async def change(self, item_id: str, quantity: int, **headers: str) -> httpx2.Response:
        return await self.ask("PUT", f"/cart/items/{item_id}", {"quantity": quantity}, **headers)

    async def remove(self, item_id: str, **headers: str) -> httpx2.Response:
        return await self.ask("DELETE", f"/cart/items/{item_id}", **headers)

    async def cart(self) -> Any:
        return (await self.ask("GET", "/cart")).json()

    async def quantities(self) -> dict[UUID, int]:
        return quantities(await self.cart())

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("x-cart-token", self.token)
        sent_raw = {name.encode(): value.encode("latin-1") for name, value in sent.items()}
        answer = await self.client.request(method, path, json=body, headers=sent_raw)
        self.token = answer.headers.get("x-cart-token", self.token)
        return answer


def quantities(cart: Mapping[str, Any]) -> dict[UUID, int]:
    """Return the units of each variant in a cart."""
    return {UUID(item["variant"]["id"]): item["quantity"] for item in cart["items"]}
