"""Tenants: made, found, changed, suspended; and their time."""

import time
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM, Role
from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.tenants import tenant_of_request
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy, UnknownTenant
from luxewin.modules.payments.public import Gateways
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.domain import RESERVED_SLUGS
from luxewin.modules.tenants.errors import DomainTaken, SlugTaken
from luxewin.modules.tenants.public import PLATFORM, Directory, Tenant
from luxewin.modules.tenants.service.directory import FRESH_SECONDS
from tests.conftest import TestDatabase
from tests.modules.identity.door import Door, Member, status_of_me


def _name() -> str:
    return uuid4().hex[:12]


async def _create(database: Database, *, slug: str, domains: tuple[str, ...] = ()) -> Tenant:
    id = uuid4()
    async with database.begin(Tenancy(id=id, slug=slug, currency="EUR"), SYSTEM) as tx:
        return await tenants.create(tx, id=id, slug=slug, name="A shop", currency="EUR", domains=domains)


async def test_a_tenant_is_found_by_slug_domain_and_id(database: Database) -> None:
    slug = _name()
    made = await _create(database, slug=slug, domains=(f"Shop.{slug}.example.", f"www.{slug}.example"))
    directory = Directory(database)
    assert await directory.by_slug(slug) == made.tenancy
    assert await directory.by_domain(f"SHOP.{slug}.example") == made.tenancy
    assert await directory.by_domain(f"shop.{slug}.example.") == made.tenancy
    assert await directory.by_id(made.id) == made.tenancy
    assert made.tenancy in await directory.all()
    assert await directory.by_slug(f"{slug}-2") is None
    assert await directory.by_domain(f"{slug}.example") is None


@pytest.mark.parametrize("slug", sorted(RESERVED_SLUGS))
async def test_nobody_takes_a_name_of_the_installation(database: Database, slug: str) -> None:
    with pytest.raises(SlugTaken):
        await _create(database, slug=slug)


async def test_a_slug_and_a_domain_lead_to_one_tenant_though_no_tenant_sees_the_others(database: Database) -> None:
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


async def test_the_platform_is_in_no_registry_and_yet_its_events_are_looked_after(database: Database) -> None:
    directory = Directory(database)
    assert await directory.by_slug(PLATFORM.slug) is None
    assert await directory.by_id(PLATFORM.id) is PLATFORM
    assert (await directory.all())[0] is PLATFORM


async def test_the_directory_answers_from_what_it_knew_while_the_database_is_away(
    database: Database, away: Database
) -> None:
    directory = Directory(database)
    known = await directory.all()
    directory._database, directory._fresh_until = away, 0
    assert await directory.all() == known


async def test_nobody_waits_while_the_directory_looks_again_in_time(database: Database) -> None:
    directory = Directory(database)
    known = await directory.all()
    directory._fresh_until = soon = time.monotonic() + FRESH_SECONDS / 4
    async with directory._reloading:  # a look at the database that takes its time
        assert await directory.all() == known
        looking = directory._looking_again
        assert looking is not None
        assert await directory.all() == known
        assert directory._looking_again is looking, "one looks for all"
    await looking
    assert directory._fresh_until > soon


async def test_a_directory_that_never_knew_anything_says_that_it_cannot_answer(away: Database) -> None:
    with pytest.raises(Unavailable):
        await Directory(away).by_slug("luxyhome")


@pytest.fixture
async def away(test_database: TestDatabase) -> Database:
    """A database that has gone."""
    gone = await Database.open(test_database.role("app"), test_database.role("system"), PoolLimits(size=1))
    await gone.close()
    return gone


async def test_an_administrator_of_the_installation_changes_a_tenant(door: Door, shop: Tenancy, boss: Member) -> None:
    change = {"name": "Another", "domains": [f"{shop.slug}.example"], "settings": {"guests": True, "most": 3, "a": "b"}}
    async with boss.client() as client:
        before = await client.get(f"/tenants/{shop.id}")
        changed = await client.patch(f"/tenants/{shop.id}", json=change, headers={"If-Match": before.headers["etag"]})
        stale = await client.patch(f"/tenants/{shop.id}", json=change, headers={"If-Match": before.headers["etag"]})
    assert changed.status_code == 200
    assert {**changed.json(), **change} == changed.json()
    assert changed.json()["version"] == 2
    assert stale.status_code == 412
    assert await door.directory.by_domain(f"{shop.slug}.example") is not None


async def test_a_domain_is_the_same_in_capitals_and_with_a_dot_at_its_end(shop: Tenancy, boss: Member) -> None:
    written = [f"Shop.{shop.slug}.Example", f"shop.{shop.slug}.example."]
    async with boss.client() as client:
        answer = await client.patch(f"/tenants/{shop.id}", json={"domains": written})
    assert answer.json()["domains"] == [f"shop.{shop.slug}.example"]


async def test_domains_are_replaced(door: Door, shop: Tenancy, boss: Member) -> None:
    async with boss.client() as client:
        for domains in ([f"a.{shop.slug}.example", f"b.{shop.slug}.example"], [f"b.{shop.slug}.example"], []):
            answer = await client.patch(f"/tenants/{shop.id}", json={"domains": domains})
            assert answer.json()["domains"] == domains
    assert await door.directory.by_domain(f"b.{shop.slug}.example") is None


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "new"},
        {"currency": "EUR"},
        {"domains": ["not a host"]},
        {"domains": ["localhost"]},
        {"domains": ["https://shop.example"]},
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
async def test_what_a_tenant_cannot_be_is_refused(shop: Tenancy, boss: Member, change: dict[str, object]) -> None:
    async with boss.client() as client:
        assert (await client.patch(f"/tenants/{shop.id}", json=change)).status_code == 400
        assert (await client.get(f"/tenants/{shop.id}")).json()["version"] == 1


async def test_a_suspended_tenant_is_not_served_and_its_tokens_are_void(door: Door, shop: Tenancy) -> None:
    doomed = await door.open_shop()
    boss, ada = await door.member(shop, Role.SUPER_ADMIN), await door.member(doomed)
    async with boss.client() as client:
        assert (await client.patch(f"/tenants/{doomed.id}", json={"status": "suspended"})).status_code == 200
    assert await status_of_me(door, doomed, ada.access_token) == 404
    assert doomed.id in {tenancy.id for tenancy in await door.directory.all()}
    async with boss.client() as client:
        assert (await client.patch(f"/tenants/{doomed.id}", json={"status": "active"})).status_code == 200
    assert await status_of_me(door, doomed, ada.access_token) == 200


async def test_the_domain_of_a_suspended_tenant_shows_no_other_shop(door: Door, shop: Tenancy, boss: Member) -> None:
    domain = f"{shop.slug}.example"
    doomed = await door.open_shop()
    async with boss.client() as client:
        assert (await client.patch(f"/tenants/{doomed.id}", json={"domains": [domain]})).status_code == 200
        assert (await client.patch(f"/tenants/{doomed.id}", json={"status": "suspended"})).status_code == 200
    with pytest.raises(UnknownTenant):
        await door.directory.by_domain(domain)
    for headers in ({}, {"x-tenant": shop.slug}):
        with pytest.raises(UnknownTenant):
            tenant_of_request(await door.directory.current(), {"host": f"{domain}:80", **headers}, default=shop.slug)


async def test_a_test_clock_moves_the_tenants_time_and_nobody_elses(door: Door, shop: Tenancy, boss: Member) -> None:
    async with boss.client() as client:
        answer = await client.patch(f"/tenants/{shop.id}", json={"clock_offset_seconds": 86400})
    assert answer.json()["clock_offset_seconds"] == 86400
    moved, other = await door.directory.by_id(shop.id), await door.open_shop()
    assert moved is not None
    assert await _ahead(door.database, moved) == timedelta(days=1)
    assert await _ahead(door.database, other) == timedelta(0)


async def test_a_test_clock_ends_no_session(door: Door, shop: Tenancy, boss: Member) -> None:
    ada = await door.member(shop)
    async with boss.client() as client:
        await client.patch(f"/tenants/{shop.id}", json={"clock_offset_seconds": 400 * 86400})
    door.authenticator.forget(user_id=tenants.PLATFORM.id)
    assert await status_of_me(door, shop, ada.access_token) == 200
    await Member.logged_in(door, shop, email=ada.email, password=ada.password)


async def test_time_is_real_in_production(database: Database, gateways: Gateways, shop: Tenancy, boss: Member) -> None:
    production = Door(
        database,
        gateways=gateways,
        LUXEWIN_ENV="production",
        LUXEWIN_ADMIN_EMAIL="owner@example.com",
        LUXEWIN_ADMIN_PASSWORD="nine owls in the attic",
        LUXEWIN_PUBLIC_URL="https://shop.example.com",
    )
    async with production.client(shop, boss.access_token) as client:
        moved = await client.patch(f"/tenants/{shop.id}", json={"clock_offset_seconds": 60})
        renamed = await client.patch(f"/tenants/{shop.id}", json={"name": "Real"})
    assert (moved.status_code, moved.json()["code"]) == (400, "tenants.clock_fixed")
    assert renamed.status_code == 200
    production.passwords.close()


@pytest.mark.parametrize("role", [None, Role.CUSTOMER, Role.VENDOR, Role.ADMIN])
async def test_tenants_are_the_installations_to_administer(door: Door, shop: Tenancy, role: Role | None) -> None:
    client = door.client(shop) if role is None else (await door.member(shop, role)).client()
    body = {"slug": _name(), "name": "X", "currency": "USD"}
    async with client:
        statuses = {
            (await client.get("/tenants")).status_code,
            (await client.post("/tenants", json=body)).status_code,
            (await client.patch(f"/tenants/{shop.id}", json={"name": "X"})).status_code,
        }
    assert statuses == {401 if role is None else 403}


async def test_staff_read_their_own_tenant_and_no_other_is_there(door: Door, shop: Tenancy) -> None:
    admin, other = await door.member(shop, Role.ADMIN), await door.open_shop()
    async with admin.client() as client:
        assert (await client.get(f"/tenants/{shop.id}")).json()["slug"] == shop.slug
        theirs, nobodys = await client.get(f"/tenants/{other.id}"), await client.get(f"/tenants/{uuid4()}")
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}


async def test_tenants_are_listed_by_slug_in_pages(door: Door, boss: Member) -> None:
    made = {(await door.open_shop()).slug for _ in range(3)}
    listed: list[str] = []
    cursor: str | None = ""
    async with boss.client() as client:
        while cursor is not None:
            given = {"cursor": cursor} if cursor else {}
            page = (await client.get("/tenants", params={"limit": 2, **given})).json()
            listed += [tenant["slug"] for tenant in page["data"]]
            cursor = page["next_cursor"]
    assert listed == sorted(listed)
    assert made <= set(listed)


async def _ahead(database: Database, tenancy: Tenancy) -> timedelta:
    async with database.begin(tenancy, SYSTEM) as tx:
        ahead: timedelta = await tx.fetchval("SELECT kit_now() - now()")
    return ahead
