"""The start page: its content in development and production, and without a database."""

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
from luxewin.pages.start import components_of, policy_with_images_of
from luxewin.pages.status import Product, Shop, Status
from tests.conftest import TestDatabase
from tests.pages.conftest import LEADERS, PRODUCTION, MakeShop, Site
from tests.pages.markup import Markup


@dataclass(frozen=True, kw_only=True)
class BellRung(DomainEvent):
    """An event without a handler."""

    type: ClassVar[str] = "pages.bell_rung"
    aggregate_id: UUID
    aggregate_version: int


EVENTS_OF_A_NEW_SHOP = 1
"""Events that are published when a shop is created."""


async def ring(database: Database, tenant: Tenancy, *, times: int) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        for _ in range(times):
            tx.publish(BellRung(aggregate_id=new_id(), aggregate_version=1))


async def test_the_page_shows_each_shop_with_its_counts(database: Database, app: FastAPI, make_shop: MakeShop) -> None:
    shop = await make_shop("Nook & Hearth")
    await ring(database, shop, times=2)
    site = Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shop.slug)
    page = Markup.of((await site.get("/")).text)
    assert "Nook & Hearth" in page.text
    numbers = (await site.get("/status.json")).json()["shops"][0]
    assert (numbers["slug"], numbers["name"], numbers["waiting"], numbers["published"]) == (
        shop.slug,
        "Nook & Hearth",
        2 + EVENTS_OF_A_NEW_SHOP,
        0,
    )
    assert (numbers["products"], numbers["carts"], numbers["orders_today"], numbers["paid_today"]) == (0, 0, 0, 0)


async def test_the_page_and_the_numbers_agree(database: Database, app: FastAPI, make_shop: MakeShop) -> None:
    shop = await make_shop("Two Oaks")
    await ring(database, shop, times=2)
    site = Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shop.slug)
    page = (await site.get("/")).text
    first = page[page.index(f'data-shop="{shop.slug}"') :]
    counts = dict(re.findall(r'data-count="(\w+)">([\d,+]+)<', first)[:6])
    numbers = (await site.get("/status.json")).json()["shops"][0]
    assert counts == {name: f"{numbers[name]:,}" for name in counts}
    assert counts["waiting"] == str(2 + EVENTS_OF_A_NEW_SHOP)


async def test_the_default_tenant_is_first_of_at_most_eight_shops(
    database: Database, app: FastAPI, make_shop: MakeShop
) -> None:
    shops = [await make_shop(f"Shop {number}") for number in range(9)]
    site = Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shops[-1].slug)
    numbers = (await site.get("/status.json")).json()["shops"]
    assert [numbers[0]["slug"], len(numbers)] == [shops[-1].slug, 8]
    assert re.search(r"and \d+ more", (await site.get("/")).text)


async def test_the_name_of_a_shop_is_escaped(database: Database, app: FastAPI, make_shop: MakeShop) -> None:
    shop = await make_shop('<script>alert(1)</script>"&{0}')
    page = (await Site.of(database, app, LUXEWIN_DEFAULT_TENANT=shop.slug).get("/")).text
    assert "<script>alert" not in page
    assert '<script>alert(1)</script>"&{0}' in Markup.of(page).text


async def test_a_database_that_does_not_answer_is_no_error(away: Database, app: FastAPI) -> None:
    site = Site.of(away, app)
    page = await site.get("/")
    assert page.status_code == 200
    assert "The database is not answering" in page.text
    status = await site.get("/status.json")
    assert status.status_code == 200
    states = {part["part"]: part["state"] for part in status.json()["parts"]}
    assert states == {"api": "good", "database": "poor", "relay": "unknown", "worker": "unknown"}


async def test_a_background_process_is_running_while_its_lock_is_held(
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


async def test_in_production_the_page_shows_only_that_the_program_is_running(
    database: Database, app: FastAPI, make_shop: MakeShop
) -> None:
    shop = await make_shop("Secret Garden")
    site = Site.of(database, app, **PRODUCTION, LUXEWIN_DEFAULT_TENANT=shop.slug)
    page = (await site.get("/")).text
    assert "LuxeWin is running" in page
    assert [word for word in ("Secret Garden", shop.slug, "PostgreSQL", "data-count") if word in page] == []
    assert (await site.get("/status.json")).json() == {"status": "running"}


@pytest.mark.parametrize(
    ("image_url", "shown", "policy"),
    [
        ("/demo/images/a.svg", True, "img-src 'self';"),
        ("https://cdn.example.com/a.jpg?v=1", True, "img-src 'self' https://cdn.example.com;"),
        ("http://10.0.0.1:9000/a;b.jpg", True, "img-src 'self' http://10.0.0.1:9000;"),
        ("https://a.example;script-src/a.jpg", False, "img-src 'self';"),
        ("https://a.example,b.example/a.jpg", False, "img-src 'self';"),
        ("https://*/a.jpg", False, "img-src 'self';"),
        ("//cdn.example.com/a.jpg", False, "img-src 'self';"),
        (None, False, "img-src 'self';"),
    ],
)
def test_pictures_of_other_sites_are_shown_and_nothing_else_may_be_loaded(
    image_url: str | None, shown: bool, policy: str
) -> None:
    product = Product(slug="a", name="A", image_url=image_url, price=Money(1, "USD"), variant_id=None)
    assert (product.shown_image_url is not None) is shown
    assert policy in policy_with_images_of([product, product])


def test_the_first_purchase_is_a_product_in_stock() -> None:
    sold_out = Product(slug="a", name="A", image_url=None, price=Money(1, "USD"), variant_id=None)
    variant_id = new_id()
    there = Product(slug="b", name="B", image_url=None, price=Money(1, "USD"), variant_id=variant_id)
    assert f'"variant_id": "{variant_id}"' in commands("http://x", tenant="t", products=[sold_out, there])


@pytest.mark.parametrize(
    ("waiting", "behind", "relay", "worker"),
    [
        (0, 0, "all published", "up to date"),
        (1234, 1, "1,234 to go", "1 to go"),
        (100_000, 0, "100,000+ to go", "up to date"),
    ],
)
def test_a_background_process_shows_its_backlog(waiting: int, behind: int, relay: str, worker: str) -> None:
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
    status = Status(database_version="18.6", running=frozenset({"relay", "worker"}), shops=(shop,))
    texts = {component["part"]: component["text"] for component in components_of(status, processes=2)}
    assert texts == {"api": "2 processes", "database": "PostgreSQL 18.6", "relay": relay, "worker": worker}
