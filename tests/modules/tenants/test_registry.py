"""The registry of tenants and the directory: creation, lookup, changes, suspension, test clock."""

import time
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.tenants import find_tenant, tenant_of_request
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy, UnknownTenant
from luxewin.modules.identity.public import Role
from luxewin.modules.payments.public import Gateways
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.domain import RESERVED_SLUGS
from luxewin.modules.tenants.errors import DomainNotPublic, DomainTaken, SlugTaken
from luxewin.modules.tenants.public import PLATFORM, Directory, Tenant
from luxewin.modules.tenants.service.directory import FRESH_SECONDS
from luxewin.modules.tenants.service.registry import must_be_public
from tests.conftest import TestDatabase
from tests.modules.identity.app import Account, App, status_of_own_account


def _name() -> str:
    return uuid4().hex[:12]


async def _create(database: Database, *, slug: str, domains: tuple[str, ...] = ()) -> Tenant:
    id = uuid4()
    async with database.begin(Tenancy(id=id, slug=slug, currency="EUR"), SYSTEM) as tx:
        return await tenants.create(tx, id=id, slug=slug, name="A shop", currency="EUR", domains=domains)


async def test_a_tenant_is_found_by_slug_domain_and_id(database: Database) -> None:
    slug = _name()
    created = await _create(database, slug=slug, domains=(f"Shop.{slug}.example.", f"www.{slug}.example"))
    directory = Directory(database)
    assert await directory.by_slug(slug) == created.tenancy
    assert await directory.by_domain(f"SHOP.{slug}.example") == created.tenancy
    assert await directory.by_domain(f"shop.{slug}.example.") == created.tenancy
    assert await directory.by_id(created.id) == created.tenancy
    assert created.tenancy in await directory.all()
    assert await directory.by_slug(f"{slug}-2") is None
    assert await directory.by_domain(f"{slug}.example") is None


async def test_a_tenant_that_another_process_has_just_created_is_served_at_once(database: Database) -> None:
    directory = Directory(database)
    slug = _name()
    with pytest.raises(UnknownTenant):
        await find_tenant(directory, {"x-tenant": slug}, default=_name())
    created = await _create(database, slug=slug, domains=(f"{slug}.example",))
    assert await find_tenant(directory, {"x-tenant": slug}, default=_name()) == created.tenancy
    assert await find_tenant(directory, {"host": f"{slug}.example"}, default=_name()) == created.tenancy


@pytest.mark.parametrize("slug", sorted(RESERVED_SLUGS))
async def test_a_reserved_slug_is_refused(database: Database, slug: str) -> None:
    with pytest.raises(SlugTaken):
        await _create(database, slug=slug)


async def test_slugs_and_domains_are_unique_although_tenants_cannot_see_each_other(database: Database) -> None:
    slug = _name()
    await _create(database, slug=slug, domains=(f"{slug}.example",))
    with pytest.raises(SlugTaken):
        await _create(database, slug=slug)
    with pytest.raises(DomainTaken):
        await _create(database, slug=_name(), domains=(f"{slug}.example", f"{_name()}.example"))


async def test_a_tenants_transaction_sees_its_own_row_alone(database: Database) -> None:
    first, second = [await _create(database, slug=_name(), domains=(f"{_name()}.example",)) for _ in range(2)]
    async with database.begin(first.tenancy, SYSTEM) as tx:
        assert [row["id"] for row in await tx.fetch("SELECT id FROM tenants_registry")] == [first.id]
        assert [row["tenant"] for row in await tx.fetch("SELECT tenant FROM tenants_domains")] == [first.id]
        assert await tx.fetch("UPDATE tenants_registry SET name = 'x' WHERE id = $1 RETURNING 1", second.id) == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.begin(first.tenancy, SYSTEM) as tx:
            await tx.fetch(
                "INSERT INTO tenants_domains (domain, tenant) VALUES ('x.example', $1) RETURNING 1", second.id
            )


async def test_the_platform_is_not_in_the_registry_but_among_all_tenancies(database: Database) -> None:
    directory = Directory(database)
    assert await directory.by_slug(PLATFORM.slug) is None
    assert await directory.by_id(PLATFORM.id) is PLATFORM
    assert (await directory.all())[0] is PLATFORM


async def test_the_directory_returns_the_last_known_tenants_while_the_database_is_unavailable(
    database: Database, unavailable: Database
) -> None:
    directory = Directory(database)
    cached = await directory.all()
    directory._database, directory._fresh_until = unavailable, 0
    assert await directory.all() == cached


async def test_no_request_waits_while_the_directory_reloads_in_the_background(database: Database) -> None:
    directory = Directory(database)
    cached = await directory.all()
    directory._fresh_until = soon = time.monotonic() + FRESH_SECONDS / 4
    async with directory._reloading:  # a reload that takes long
        assert await directory.all() == cached
        reload = directory._reload_task
        assert reload is not None
        assert await directory.all() == cached
        assert directory._reload_task is reload, "one reload serves all requests"
    await reload
    assert directory._fresh_until > soon


async def test_an_empty_directory_raises_unavailable_while_the_database_is_unavailable(unavailable: Database) -> None:
    with pytest.raises(Unavailable):
        await Directory(unavailable).by_slug("luxyhome")


@pytest.fixture
async def unavailable(test_database: TestDatabase) -> Database:
    """A database whose pools are closed."""
    closed = await Database.open(test_database.role("app"), test_database.role("system"), PoolLimits(size=1))
    await closed.close()
    return closed


async def test_a_super_admin_changes_a_tenant(app: App, shop: Tenancy, super_admin: Account) -> None:
    change = {"name": "Another", "domains": [f"{shop.slug}.example"], "settings": {"guests": True, "most": 3, "a": "b"}}
    async with super_admin.client() as client:
        before = await client.get(f"/tenants/{shop.id}")
        changed = await client.patch(f"/tenants/{shop.id}", json=change, headers={"If-Match": before.headers["etag"]})
        stale = await client.patch(f"/tenants/{shop.id}", json=change, headers={"If-Match": before.headers["etag"]})
    assert changed.status_code == 200
    assert {**changed.json(), **change} == changed.json()
    assert changed.json()["version"] == 2
    assert stale.status_code == 412
    assert await app.directory.by_domain(f"{shop.slug}.example") is not None


async def test_the_case_of_a_domain_does_not_count_and_a_host_may_end_with_a_dot(
    app: App, shop: Tenancy, super_admin: Account
) -> None:
    written = [f"Shop.{shop.slug}.Example", f" shop.{shop.slug}.example"]
    async with super_admin.client() as client:
        answer = await client.patch(f"/tenants/{shop.id}", json={"domains": written})
    assert answer.json()["domains"] == [f"shop.{shop.slug}.example"]
    assert await app.directory.by_domain(f"SHOP.{shop.slug}.example.") is not None


async def test_domains_are_replaced(app: App, shop: Tenancy, super_admin: Account) -> None:
    async with super_admin.client() as client:
        for domains in ([f"a.{shop.slug}.example", f"b.{shop.slug}.example"], [f"b.{shop.slug}.example"], []):
            answer = await client.patch(f"/tenants/{shop.id}", json={"domains": domains})
            assert answer.json()["domains"] == domains
    assert await app.directory.by_domain(f"b.{shop.slug}.example") is None


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "new"},
        {"currency": "EUR"},
        {"domains": ["not a host"]},
        {"domains": ["localhost"]},
        {"domains": ["https://shop.example"]},
        {"domains": ["shop.example/path"]},
        {"domains": ["shop.example:8000"]},
        {"domains": ["*.example.com"]},
        {"domains": ["shop.example."]},
        {"domains": ["192.0.2.1"]},
        {"domains": ["192.0.2.1."]},
        {"domains": ["127.1"]},
        {"domains": ["0x7f.0x1"]},
        {"domains": ["[2001:db8::1]"]},
        {"domains": ["2001:db8::1"]},
        {"locale": "en-XX"},
        {"settings": {"a": 1.5}},
        {"settings": {"a": {"b": 1}}},
        {"settings": {"a": 2**63}},
        {"settings": {"Not A Name": True}},
        {"locale": "english"},
        {"status": "gone"},
        {"clock_offset_seconds": -1},
        {"clock_offset_seconds": 2**40},
        {"clock_offset_seconds": "86400"},
        {"version": 7},
    ],
)
async def test_an_invalid_change_of_a_tenant_is_refused(
    shop: Tenancy, super_admin: Account, change: dict[str, object]
) -> None:
    async with super_admin.client() as client:
        assert (await client.patch(f"/tenants/{shop.id}", json=change)).status_code == 400
        assert (await client.get(f"/tenants/{shop.id}")).json()["version"] == 1


async def test_a_suspended_tenant_is_not_served_and_its_tokens_are_void(app: App, shop: Tenancy) -> None:
    suspended_shop = await app.create_shop()
    super_admin, ada = await app.create_account(shop, Role.SUPER_ADMIN), await app.create_account(suspended_shop)
    async with super_admin.client() as client:
        assert (await client.patch(f"/tenants/{suspended_shop.id}", json={"status": "suspended"})).status_code == 200
    assert await status_of_own_account(app, suspended_shop, ada.access_token) == 404
    assert suspended_shop.id in {tenancy.id for tenancy in await app.directory.all()}
    async with super_admin.client() as client:
        assert (await client.patch(f"/tenants/{suspended_shop.id}", json={"status": "active"})).status_code == 200
    assert await status_of_own_account(app, suspended_shop, ada.access_token) == 200


async def test_the_domain_of_a_suspended_tenant_shows_no_other_shop(
    app: App, shop: Tenancy, super_admin: Account
) -> None:
    domain = f"{shop.slug}.example"
    suspended_shop = await app.create_shop()
    async with super_admin.client() as client:
        assert (await client.patch(f"/tenants/{suspended_shop.id}", json={"domains": [domain]})).status_code == 200
        assert (await client.patch(f"/tenants/{suspended_shop.id}", json={"status": "suspended"})).status_code == 200
    with pytest.raises(UnknownTenant):
        await app.directory.by_domain(domain)
    for headers in ({}, {"x-tenant": shop.slug}):
        with pytest.raises(UnknownTenant):
            tenant_of_request(await app.directory.current(), {"host": f"{domain}:80", **headers}, default=shop.slug)


async def test_a_test_clock_moves_the_time_of_its_tenant_only(app: App, shop: Tenancy, super_admin: Account) -> None:
    async with super_admin.client() as client:
        answer = await client.patch(f"/tenants/{shop.id}", json={"clock_offset_seconds": 86400})
    assert answer.json()["clock_offset_seconds"] == 86400
    moved, other = await app.directory.by_id(shop.id), await app.create_shop()
    assert moved is not None
    assert await _ahead(app.database, moved) == timedelta(days=1)
    assert await _ahead(app.database, other) == timedelta(0)


async def test_a_test_clock_does_not_end_sessions(app: App, shop: Tenancy, super_admin: Account) -> None:
    ada = await app.create_account(shop)
    async with super_admin.client() as client:
        await client.patch(f"/tenants/{shop.id}", json={"clock_offset_seconds": 400 * 86400})
    app.authenticator.invalidate(user_id=tenants.PLATFORM.id)
    assert await status_of_own_account(app, shop, ada.access_token) == 200
    await Account.log_in(app, shop, email=ada.email, password=ada.password)


async def test_the_test_clock_cannot_be_moved_in_production(
    database: Database, gateways: Gateways, shop: Tenancy, super_admin: Account
) -> None:
    production = App(
        database,
        gateways=gateways,
        LUXEWIN_ENV="production",
        LUXEWIN_ADMIN_EMAIL="owner@example.com",
        LUXEWIN_ADMIN_PASSWORD="nine owls in the attic",
        LUXEWIN_PUBLIC_URL="https://shop.example.com",
    )
    async with production.client(shop, super_admin.access_token) as client:
        moved = await client.patch(f"/tenants/{shop.id}", json={"clock_offset_seconds": 60})
        renamed = await client.patch(f"/tenants/{shop.id}", json={"name": "Real"})
    assert (moved.status_code, moved.json()["code"]) == (400, "tenants.clock_fixed")
    assert renamed.status_code == 200
    production.passwords.close()


@pytest.mark.parametrize("role", [None, Role.CUSTOMER, Role.VENDOR, Role.ADMIN])
async def test_only_super_admins_administer_tenants(app: App, shop: Tenancy, role: Role | None) -> None:
    client = app.client(shop) if role is None else (await app.create_account(shop, role)).client()
    body = {"slug": _name(), "name": "X", "currency": "USD"}
    async with client:
        statuses = {
            (await client.get("/tenants")).status_code,
            (await client.post("/tenants", json=body)).status_code,
            (await client.patch(f"/tenants/{shop.id}", json={"name": "X"})).status_code,
        }
    assert statuses == {401 if role is None else 403}


async def test_staff_can_read_only_their_own_tenant(app: App, shop: Tenancy) -> None:
    admin, other = await app.create_account(shop, Role.ADMIN), await app.create_shop()
    async with admin.client() as client:
        assert (await client.get(f"/tenants/{shop.id}")).json()["slug"] == shop.slug
        theirs, nobodys = await client.get(f"/tenants/{other.id}"), await client.get(f"/tenants/{uuid4()}")
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}


async def test_tenants_are_listed_by_slug_in_pages(app: App, super_admin: Account) -> None:
    created = {(await app.create_shop()).slug for _ in range(3)}
    listed: list[str] = []
    cursor: str | None = ""
    async with super_admin.client() as client:
        while cursor is not None:
            given = {"cursor": cursor} if cursor else {}
            page = (await client.get("/tenants", params={"limit": 2, **given})).json()
            listed += [tenant["slug"] for tenant in page["data"]]
            cursor = page["next_cursor"]
    assert listed == sorted(listed)
    assert created <= set(listed)


async def _ahead(database: Database, tenancy: Tenancy) -> timedelta:
    async with database.begin(tenancy, SYSTEM) as tx:
        ahead: timedelta = await tx.fetchval("SELECT kit_now() - now()")
    return ahead


@pytest.mark.parametrize("domain", ["shop.localhost", "localhost.localdomain", "shop.invalid"])
def test_a_domain_that_only_the_machine_reaches_is_refused_in_production(domain: str) -> None:
    must_be_public([domain], is_production=False)
    must_be_public(["shop.example.com", "localhost.example.com"], is_production=True)
    with pytest.raises(DomainNotPublic):
        must_be_public(["shop.example.com", domain], is_production=True)
