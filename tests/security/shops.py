"""Two shops with one entity of each kind and one person of each role, created through the API.

Every text field contains the canary of its shop, a word that occurs nowhere else.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import httpx2

PASSWORD = "nine owls in the attic"
ROLES = ("anonymous", "customer", "vendor", "admin", "super_admin")
STRANGERS = ("anonymous", "other_customer", "vendor")
"""People who must not see what belongs to the shop's customer."""

PRODUCT_FILE_COLUMNS = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,"
    "Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,"
    "Variant Price,Variant Requires Shipping,Variant Taxable,Status"
)
_FURTHER_EAST = timezone(timedelta(hours=5, minutes=45))
_SERVED_IN_A_ROW = 10
_LONGEST_WAIT_SECONDS = 30.0
_FIRST = {"prize": "1", "number": "1", "limit": "money"}
"""Parameters that are the same in every shop."""


@dataclass(slots=True)
class Shop:
    """A tenant: a client for each person, the id of one entity of each kind, and all bodies of their creation."""

    slug: str
    people: dict[str, httpx2.AsyncClient] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)
    received: list[tuple[str, str, Any]] = field(default_factory=list)

    @property
    def canary(self) -> str:
        """The word that every text of the shop contains; it is also the slug."""
        return self.slug

    def values_for(self, path: str) -> dict[str, str]:
        """Return an existing value for each parameter that a path may have."""
        if path.endswith("/confirm"):
            waiting = {"order_id": self.values["waiting_order_id"], "payment_id": self.values["waiting_payment_id"]}
            return {**self.values, **waiting, **_FIRST}
        return {**self.values, **_FIRST}

    def address(self) -> dict[str, str]:
        """Return a postal address with the canary in every text."""
        name = self.canary
        return {
            "name": f"Ada {name}",
            "line1": f"{name} 1",
            "line2": name,
            "city": name,
            "region": name,
            "region_code": name,
            "postal_code": name[:20],
            "country": "AE",  # any postal code is accepted there
            "company": name,
            "phone": f"1 {name}"[:40],
            "email": f"{name}@example.com",
        }

    async def send(
        self, actor: str, method: str, path: str, body: Any = None, *, status: int = 201, **more: Any
    ) -> dict[str, Any]:
        """Send a request that must succeed, record its body, and return the response."""
        if body is not None:
            more["json"] = body
            self.sent.append((method, f"/api/v1{path}", body))
        answer = await self.people[actor].request(method, path, **more)
        assert answer.status_code == status, f"{actor} {method} {path}: {answer.status_code} {answer.text}"
        received: dict[str, Any] = answer.json() if answer.content else {}
        self.received.append((method, f"/api/v1{path}", received))
        return received


@dataclass(frozen=True, slots=True)
class Shops:
    """Two shops of one installation."""

    origin: str
    ours: Shop
    theirs: Shop


@asynccontextmanager
async def created_shops(
    origin: str, client: Callable[..., httpx2.AsyncClient], super_admin: Mapping[str, str]
) -> AsyncIterator[Shops]:
    """Create both shops; `super_admin` are the headers of an administrator of the installation."""
    async with AsyncExitStack() as opened:
        built = []
        for name in ("ourcanary", "theircanary"):
            shop = Shop(slug=f"{name}{uuid4().hex[:16]}")
            for person in (*ROLES, "other_customer"):
                shop.people[person] = await opened.enter_async_context(client())
                shop.people[person].headers["user-agent"] = f"{shop.canary}/1.0"
            # The super admin is the same person in both shops.
            shop.people["super_admin"].headers.update({**super_admin, "user-agent": "administration/1.0"})
            built.append(shop)
        await asyncio.gather(*map(_build, built))
        yield Shops(origin, *built)


async def _build(shop: Shop) -> None:
    await _create_tenant(shop)
    for person in shop.people.values():
        person.headers["x-tenant"] = shop.slug
    await wait_until_served(shop)
    await _create_accounts(shop)
    await _create_catalogue(shop)
    await _create_stock(shop)
    await _create_orders(shop)
    await _create_raffles(shop)
    await _create_import_and_endpoint(shop)


async def _create_tenant(shop: Shop) -> None:
    name = shop.canary
    settings = {"motto": name, name: name}
    new = {"slug": shop.slug, "name": name, "currency": "USD", "domains": [f"{name}.example.com"], "settings": settings}
    tenant = await shop.send("super_admin", "POST", "/tenants", new)
    shop.values["tenant_id"] = tenant["id"]


async def wait_until_served(shop: Shop) -> None:
    """Wait until every API process serves the shop: the others are notified after it was created."""
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    in_a_row = 0
    while in_a_row < _SERVED_IN_A_ROW:
        assert time.monotonic() < deadline, f"{shop.slug} is not wait_until_served"
        answer = await shop.people["anonymous"].get("/products", headers={"connection": "close"})
        in_a_row = in_a_row + 1 if answer.status_code == 200 else 0
        await asyncio.sleep(0 if in_a_row else 0.1)


async def _create_accounts(shop: Shop) -> None:
    """Create the accounts: customers register; staff and vendors are created by the super admin."""
    name = shop.canary
    change = {"name": f"{name}!", "domains": [f"www.{name}.example.com"], "settings": {"motto": name, name: name}}
    await shop.send("super_admin", "PATCH", f"/tenants/{shop.values['tenant_id']}", change, status=200)
    for person in ("customer", "other_customer"):
        account = {"name": f"Ada {name}", "email": f"{person}-{name}@example.com", "password": PASSWORD}
        _signed_in(shop, person, await shop.send("anonymous", "POST", "/auth/register", account))
    for person in ("vendor", "admin"):
        account = {"name": f"Sam {name}", "email": f"{person}-{name}@example.com", "password": PASSWORD, "role": person}
        await shop.send("super_admin", "POST", "/users", account)
        login = {"email": account["email"], "password": PASSWORD}
        _signed_in(shop, person, await shop.send("anonymous", "POST", "/auth/login", login, status=200))
    me = f"/users/{shop.values['user_id']}"
    await shop.send("admin", "PUT", me, {"name": f"Ada {name}"}, status=200)
    mine = {"email": f"new-{name}@example.com", "current_password": PASSWORD}
    await shop.send("customer", "PUT", me, mine, status=200)
    await shop.send("anonymous", "POST", "/auth/login", {"email": mine["email"], "password": name}, status=401)
    sessions = await shop.send("customer", "GET", "/auth/sessions", status=200)
    shop.values["session_id"] = sessions["data"][0]["id"]


def _signed_in(shop: Shop, person: str, tokens: Mapping[str, Any]) -> None:
    shop.people[person].headers["authorization"] = f"Bearer {tokens['access_token']}"
    shop.values[f"{person}_id"] = tokens["user"]["id"]
    if person == "customer":
        shop.values["user_id"] = tokens["user"]["id"]


async def _create_catalogue(shop: Shop) -> None:
    """Create a vendor, a category, a collection, a product type, and products with one and with several variants."""
    name = shop.canary
    vendor = await shop.send("admin", "POST", "/vendors", {"name": name, "slug": name})
    await shop.send("admin", "PATCH", f"/vendors/{vendor['id']}", {"name": f"{name} renamed"}, status=200)
    member = {"user_id": shop.values["vendor_id"]}
    shop.values["vendor_id"] = vendor["id"]
    await shop.send("admin", "POST", f"/vendors/{vendor['id']}/members", member)
    attributes = [{"name": name, "kind": "text", "required": False}]
    product_type = await shop.send("admin", "POST", "/product-types", {"name": name, "attributes": attributes})
    renamed = {"name": f"{name}!", "attributes": attributes}
    await shop.send("admin", "PUT", f"/product-types/{product_type['id']}", renamed, status=200)
    category = await shop.send("admin", "POST", "/categories", {"name": name, "slug": name})
    for method, text in (("PUT", f"{name} one"), ("PATCH", name)):
        await shop.send("admin", method, f"/categories/{category['id']}", {"name": text, "slug": name}, status=200)
    one = await shop.send("admin", "POST", "/products", _product(shop, "one", product_type["id"]))
    many = await shop.send("admin", "POST", "/products", _product_with_variants(shop, product_type["id"]))
    for method in ("PUT", "PATCH"):
        body = _product_with_variants(shop, product_type["id"])
        many = await shop.send("admin", method, f"/products/{many['id']}", body, status=200)
        simple = _product(shop, "one", product_type["id"])
        one = await shop.send("admin", method, f"/products/{one['id']}", simple, status=200)
    variant = {**_variant(shop, "third"), "options": {name: f"{name} third"}}
    grown = await shop.send("admin", "POST", f"/products/{many['id']}/variants", variant)
    added = next(one for one in grown["variants"] if one["sku"] == variant["sku"])
    for method in ("PUT", "PATCH"):
        await shop.send("admin", method, f"/products/{many['id']}/variants/{added['id']}", variant, status=200)
    listed = {"name": name, "slug": name, "description": name, "product_ids": [one["id"]]}
    collection = await shop.send("admin", "POST", "/collections", listed)
    for method in ("PUT", "PATCH"):
        await shop.send("admin", method, f"/collections/{collection['id']}", listed, status=200)
    shop.values |= {
        "product": many["id"],
        "variant": added["id"],
        "category": category["id"],
        "collection": collection["id"],
        "type_id": product_type["id"],
        "sold_product_id": one["id"],
        "variant_id": one["variants"][0]["id"],
    }


def _product(shop: Shop, suffix: str, type_id: str) -> dict[str, Any]:
    name = shop.canary
    return {
        "name": f"{name} {suffix}",
        "slug": f"{name}-{suffix}",
        "description": f"<p>{name}</p>",
        "category": name,
        "tags": [name],
        "price": {"amount": 12_500, "currency": "USD"},
        "stock": 100,
        "sku": f"{name}-{suffix}",
        "image_url": f"https://images.example.com/{name}.jpg",
        "vendor_id": shop.values["vendor_id"],
        "product_type_id": type_id,
        "attributes": {name: name},
        "seo": {"title": name, "description": name},
    }


def _product_with_variants(shop: Shop, type_id: str) -> dict[str, Any]:
    name = shop.canary
    simple = _product(shop, "many", type_id)
    rest = {key: value for key, value in simple.items() if key not in {"price", "stock", "sku", "image_url"}}
    return {
        **rest,
        "images": [{"url": f"https://images.example.com/{name}.jpg", "alt": name}],
        "options": [{"name": name, "values": [f"{name} {size}" for size in ("first", "second", "third")]}],
        "variants": [{**_variant(shop, size), "options": {name: f"{name} {size}"}} for size in ("first", "second")],
    }


def _variant(shop: Shop, suffix: str) -> dict[str, Any]:
    return {
        "sku": f"{shop.canary}-{suffix}",
        "price": {"amount": 9_900, "currency": "USD"},
        "stock": 5,
        "barcode": shop.canary,
        "tax_code": shop.canary,
        "image_url": f"https://images.example.com/{shop.canary}.jpg",
    }


async def _create_stock(shop: Shop) -> None:
    name, variant_id = shop.canary, shop.values["variant_id"]
    location = await shop.send("admin", "POST", "/inventory/locations", {"code": name, "name": name})
    there = {"variant_id": variant_id, "location_id": location["id"], "delta": 5, "reason": name}
    await shop.send("admin", "POST", "/inventory/adjustments", there)
    stock = await shop.send("admin", "GET", f"/inventory/{variant_id}", status=200)
    here = next(level["location_id"] for level in stock["locations"] if level["location_id"] != location["id"])
    move = {"variant_id": variant_id, "from_location_id": location["id"], "to_location_id": here}
    await shop.send("admin", "POST", "/inventory/transfers", {**move, "quantity": 2, "reason": name})
    flat = {"code": name, "name": name, "amount": {"amount": 10, "currency": "USD"}, "countries": ["AE"]}
    method = await shop.send("admin", "POST", "/shipping-methods", flat)
    await shop.send("admin", "PATCH", f"/shipping-methods/{method['id']}", {"name": f"{name} express"}, status=200)
    shop.values |= {"location_id": location["id"], "method_id": method["id"]}


async def _create_orders(shop: Shop) -> None:
    """Create a paid, a refunded, a waiting and a cancelled order, and a cart with an item."""
    name = shop.canary
    paid = await _order(shop, "customer", "tok_visa")
    refund = {"amount": {"amount": 100, "currency": "USD"}, "reason": name}
    refunded = await shop.send("admin", "POST", f"/orders/{paid['id']}/refunds", refund)
    waiting = await _order(shop, "customer", "tok_3ds")
    cancelled = await _order(shop, "customer", None)
    await shop.send("customer", "POST", f"/orders/{cancelled['id']}/cancel", {"reason": name}, status=200)
    await _order(shop, "anonymous", "tok_visa", email=f"guest-{name}@example.com")
    cart = await _into_cart(shop, "customer")
    known = {"shipping_address": shop.address(), "billing_address": shop.address(), "shipping_method": name}
    await shop.send("customer", "PUT", "/cart", {**known, "email": f"{name}@example.com", "note": name}, status=200)
    shop.values |= {
        "order_id": paid["id"],
        "payment_id": paid["payments"][0]["id"],
        "refund_id": refunded["id"],
        "waiting_order_id": waiting["id"],
        "waiting_payment_id": waiting["payments"][0]["id"],
        "item_id": cart["items"][0]["id"],
    }


async def _create_raffles(shop: Shop) -> None:
    """Sell tickets of a raffle, cancel another one, wait for the draw of the first, and claim its prizes.

    Cancelling the first one after its lock is only proposed.
    """
    name = shop.canary
    terms = {
        "title": name,
        "description": name,
        "ticket_price": {"amount": 100, "currency": "USD"},
        "capacity": 100,
        "prizes": [
            {"name": name, "value": {"amount": 1_000, "currency": "USD"}},
            {"name": name, "variant_id": shop.values["variant_id"]},
        ],
        "one_prize_per_person": False,
        "closes_at": (datetime.now(UTC) + timedelta(seconds=3)).astimezone(_FURTHER_EAST).isoformat(),
        "draw_delay_seconds": 10,
        "skill_question": {"question": name, "answer": name},
        "free_entry": True,
    }
    raffle = await shop.send("admin", "POST", "/raffles", terms)
    await shop.send("admin", "PUT", f"/raffles/{raffle['id']}", terms, status=200)
    unchanged = {**terms, "skill_question": name}  # its text alone, as it is shown
    await shop.send("admin", "PUT", f"/raffles/{raffle['id']}", unchanged, status=200)
    await shop.send("admin", "POST", "/raffles", unchanged, status=400)
    await shop.send("admin", "POST", f"/raffles/{raffle['id']}/publish", status=200)
    ticket = {"raffle_id": raffle["id"], "quantity": 1, "skill_answer": name}
    cart = await shop.send("customer", "POST", "/cart/items", ticket)
    await shop.send("customer", "DELETE", f"/cart/items/{cart['items'][-1]['id']}", status=200)
    pay = {"gateway": "simulator", "token": "tok_visa"}
    await shop.send("customer", "POST", "/orders", {"items": [ticket], "payment": pay})
    purchase_request = {"quantity": 2, "skill_answer": name, "payment": pay}
    purchase = await shop.send("customer", "POST", f"/raffles/{raffle['id']}/purchases", purchase_request)
    shop.values |= {"raffle_id": raffle["id"], "purchase_id": purchase["id"]}
    other = await shop.send("admin", "POST", "/raffles", {**terms, "closes_at": "2099-01-01T02:00:00+02:00"})
    await shop.send("admin", "POST", f"/raffles/{other['id']}/publish", status=200)
    entry = {"entrant_id": shop.values["user_id"], "quantity": 1, "reference": name}
    await shop.send("admin", "POST", f"/raffles/{other['id']}/free-entries", entry)
    skip, why = {"number": 1, "reason": "staff", "note": name}, {"break_glass": name}
    await shop.send("admin", "POST", f"/raffles/{other['id']}/skips", skip)
    await shop.send("super_admin", "POST", f"/raffles/{other['id']}/skips/1/confirm", why, status=200)
    await shop.send("super_admin", "POST", f"/raffles/{other['id']}/cancellation/confirm", why, status=404)
    await shop.send("admin", "POST", f"/raffles/{other['id']}/cancel", {"reason": name}, status=200)
    await _wait_for_status(shop, raffle["id"], "locked")
    await shop.send("admin", "POST", f"/raffles/{raffle['id']}/cancellation", {"reason": name})
    await _wait_for_status(shop, raffle["id"], "drawn")
    await shop.send("admin", "POST", f"/raffles/{raffle['id']}/skips", skip)
    for prize in (1, 2):
        claim = {"prize": prize, "shipping_address": shop.address(), "shipping_method": name}
        await shop.send("customer", "POST", f"/raffles/{raffle['id']}/claims", claim)
    await shop.send("admin", "POST", f"/raffles/{raffle['id']}/claims/1/hand-over", {"note": name}, status=200)


async def _wait_for_status(shop: Shop, raffle_id: str, status: str) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while (await shop.send("anonymous", "GET", f"/raffles/{raffle_id}", status=200))["status"] != status:
        assert time.monotonic() < deadline, f"the raffle is not {status}"
        await asyncio.sleep(0.2)


async def _order(shop: Shop, person: str, token: str | None, **more: str) -> dict[str, Any]:
    cart_token: dict[str, str] = {}
    item = {"product_id": shop.values["sold_product_id"], "quantity": 1}
    added = await shop.people[person].post("/cart/items", json=item)
    assert added.status_code == 201, added.text
    if person == "anonymous":
        cart_token = {"x-cart-token": added.headers["x-cart-token"]}
    body: dict[str, Any] = {
        "shipping_address": shop.address(),
        "billing_address": shop.address(),
        "shipping_method": shop.canary,
        "note": shop.canary,
        **more,
    }
    if token is not None:
        body["payment"] = {"gateway": "simulator", "token": token}
    return await shop.send(person, "POST", "/orders", body, headers=cart_token)


async def _into_cart(shop: Shop, person: str) -> dict[str, Any]:
    item = {"variant_id": shop.values["variant_id"], "quantity": 1}
    return await shop.send(person, "POST", "/cart/items", item)


async def _create_import_and_endpoint(shop: Shop) -> None:
    """Queue an import, and create a webhook endpoint."""
    endpoint = await shop.send("admin", "POST", "/payments/webhook-endpoints", {"gateway": "simulator"})
    shop.values |= {"endpoint_id": endpoint["id"], "gateway": "simulator"}
    name = shop.canary
    text = f"{name}-file,{name} file,<p>{name}</p>,{name},{name},{name},true,Title,Default Title,{name}-file"
    row = f"{text},0,shopify,3,deny,manual,7.50,true,true,active"
    file = {"file": (f"{name}.csv", f"{PRODUCT_FILE_COLUMNS}\n{row}\n".encode(), "text/csv")}
    queued = await shop.send("admin", "POST", "/imports", status=202, files=file, data={"format": "shopify_csv"})
    shop.values["import_id"] = queued["id"]
