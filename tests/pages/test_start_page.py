"""What the start page shows, to whom, and when the database is away."""

import re
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.events import DomainEvent
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.pages.first_purchase import commands
from luxewin.pages.start import pills
from luxewin.pages.status import Shop, Status, Tile
from tests.conftest import TestDatabase
from tests.pages.conftest import LEADERS, PRODUCTION, MakeShop, Site
from tests.pages.markup import Markup


@dataclass(frozen=True, kw_only=True)
class BellRung(DomainEvent):
    """Something that happened, and that nobody reacts to."""

    type: ClassVar[str] = "pages.bell_rung"
    aggregate_id: UUID
    aggregate_version: int


OF_ITS_MAKING = 1
"""Facts that are announced when a shop is made."""


async def ring(database: Database, tenant: Tenancy, *, times: int) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        for _ in range(times):
            tx.publish(BellRung(aggregate_id=new_id(), aggregate_version=1))


async def test_each_shop_is_shown_with_what_happens_in_it(
    database: Database, app: FastAPI, make_shop: MakeShop
) -> None:
    shop = await make_shop("Nook & Hearth")
    await ring(database, shop, times=2)
    site = Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shop.slug)
    page = Markup.of((await site.get("/")).text)
    assert "Nook & Hearth" in page.text
    told = (await site.get("/status.json")).json()["shops"][0]
    assert (told["slug"], told["name"], told["waiting"], told["published"]) == (
        shop.slug,
        "Nook & Hearth",
        2 + OF_ITS_MAKING,
        0,
    )
    assert (told["products"], told["carts"], told["orders_today"], told["paid_today"]) == (0, 0, 0, 0)


async def test_the_page_and_the_numbers_agree(database: Database, app: FastAPI, make_shop: MakeShop) -> None:
    shop = await make_shop("Two Oaks")
    await ring(database, shop, times=2)
    site = Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shop.slug)
    page = (await site.get("/")).text
    first = page[page.index(f'data-shop="{shop.slug}"') :]
    shown = dict(re.findall(r'data-count="(\w+)">([\d,+]+)<', first)[:6])
    told = (await site.get("/status.json")).json()["shops"][0]
    assert shown == {name: f"{told[name]:,}" for name in shown}
    assert shown["waiting"] == str(2 + OF_ITS_MAKING)


async def test_the_default_tenant_comes_first_and_no_more_than_eight_are_asked(
    database: Database, app: FastAPI, make_shop: MakeShop
) -> None:
    shops = [await make_shop(f"Shop {number}") for number in range(9)]
    site = Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shops[-1].slug)
    told = (await site.get("/status.json")).json()["shops"]
    assert [told[0]["slug"], len(told)] == [shops[-1].slug, 8]
    assert re.search(r"and \d+ more", (await site.get("/")).text)


async def test_what_a_shop_is_called_cannot_become_markup(
    database: Database, app: FastAPI, make_shop: MakeShop
) -> None:
    shop = await make_shop('<script>alert(1)</script>"&{0}')
    page = (await Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shop.slug).get("/")).text
    assert "<script>alert" not in page
    assert '<script>alert(1)</script>"&{0}' in Markup.of(page).text


async def test_a_database_that_is_away_is_shown_and_is_no_error(away: Database, app: FastAPI) -> None:
    site = Site.of(away, app)
    page = await site.get("/")
    assert page.status_code == 200
    assert "The database is not answering" in page.text
    numbers = await site.get("/status.json")
    assert numbers.status_code == 200
    states = {part["part"]: part["state"] for part in numbers.json()["parts"]}
    assert states == {"api": "good", "database": "poor", "relay": "unknown", "worker": "unknown"}


async def test_a_background_process_works_exactly_while_somebody_holds_its_lock(
    database: Database, test_database: TestDatabase, app: FastAPI
) -> None:
    leader = await asyncpg.connect(**test_database.role("system"))
    try:
        await leader.execute("SELECT pg_advisory_lock($1)", LEADERS["relay"])
        assert await working(database, app) == {"relay"}
        await leader.execute("SELECT pg_advisory_unlock($1)", LEADERS["relay"])
        assert await working(database, app) == set()
    finally:
        await leader.close()


async def working(database: Database, app: FastAPI) -> set[str]:
    parts = (await Site.of(database, app).get("/status.json")).json()["parts"]
    return {part["part"] for part in parts if part["part"] in LEADERS and part["state"] == "good"}


async def test_production_tells_strangers_nothing_but_that_it_runs(
    database: Database, app: FastAPI, make_shop: MakeShop
) -> None:
    shop = await make_shop("Secret Garden")
    site = Site.of(database, app, **PRODUCTION, LUXEWIN_DEFAULT_TENANT=shop.slug)
    page = (await site.get("/")).text
    assert "LuxeWin is running" in page
    assert [word for word in ("Secret Garden", shop.slug, "PostgreSQL", "data-count") if word in page] == []
    assert (await site.get("/status.json")).json() == {"status": "running"}


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("shop.test:8443", "http://shop.test:8443/api/v1"),
        ("[::1]:8000", "http://[::1]:8000/api/v1"),
        ("$(reboot)", "http://127.0.0.1:8000/api/v1"),
        ("a.test/<b>", "http://127.0.0.1:8000/api/v1"),
    ],
)
async def test_the_commands_name_the_address_of_the_visitor_unless_it_is_strange(
    away: Database, app: FastAPI, host: str, address: str
) -> None:
    page = Markup.of((await Site.of(away, app).get("/", host=host)).text)
    assert f"API={address} SHOP='X-Tenant: luxyhome'" in page.text


def test_the_first_purchase_buys_something_that_can_be_bought() -> None:
    sold_out = Tile(slug="a", name="A", image_url=None, price=Money(1, "USD"), variant_id=None)
    variant_id = new_id()
    there = Tile(slug="b", name="B", image_url=None, price=Money(1, "USD"), variant_id=variant_id)
    assert f'"variant_id": "{variant_id}"' in commands("http://x", tenant="t", tiles=[sold_out, there])


@pytest.mark.parametrize(
    ("waiting", "behind", "relay", "worker"),
    [
        (0, 0, "all published", "up to date"),
        (1234, 1, "1,234 to go", "1 to go"),
        (100_000, 0, "100,000+ to go", "up to date"),
    ],
)
def test_what_is_left_to_do_is_said(waiting: int, behind: int, relay: str, worker: str) -> None:
    shop = Shop(
        slug="a",
        name="A",
        products=0,
        carts=0,
        orders_today=0,
        paid_today=0,
        published=0,
        waiting=waiting,
        behind=behind,
        last_published_at=None,
    )
    status = Status(database_version="18.6", working=frozenset({"relay", "worker"}), shops=(shop,))
    texts = {pill["part"]: pill["text"] for pill in pills(status, processes=2)}
    assert texts == {"api": "2 processes", "database": "PostgreSQL 18.6", "relay": relay, "worker": worker}
