"""The content security policy of every page: nothing inline, nothing from other sites, and all named files exist."""

import re

import pytest
from fastapi import FastAPI

from luxewin.kit.database import Database
from luxewin.kit.errors import NotFound
from luxewin.kit.http.pages import Pages
from tests.pages.conftest import PRODUCTION, Site
from tests.pages.markup import Markup

PAGES = ("/", "/docs", "/docs/errors")
by_page = pytest.mark.parametrize("path", PAGES)


@by_page
async def test_a_page_runs_nothing_inline_and_loads_nothing_from_elsewhere(
    away: Database, app: FastAPI, path: str
) -> None:
    page = await Site.of(away, app).get(path)
    markup = Markup.of(page.text)
    assert markup.inline == []
    assert [address for address in markup.addresses if not re.match(r"/(?!/)|#", address)] == []
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy


@by_page
async def test_every_file_that_a_page_names_is_served_and_kept_for_good(
    away: Database, app: FastAPI, path: str
) -> None:
    site = Site.of(away, app)
    names = [address for address in Markup.of((await site.get(path)).text).addresses if address.startswith("/assets/")]
    assert names != []
    for name in names:
        file = await site.get(name)
        assert (file.status_code, file.content != b"") == (200, True), name
        assert "immutable" in file.headers["cache-control"]


@by_page
async def test_no_page_needs_a_database(away: Database, app: FastAPI, path: str) -> None:
    for environment in ({}, PRODUCTION):
        page = await Site.of(away, app, **environment).get(path)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["unknown.js", "%2e%2e/public.py", "..%2fpublic.py", "/etc/passwd", "", "start.html"])
async def test_only_known_files_are_served(away: Database, app: FastAPI, name: str) -> None:
    with pytest.raises(NotFound):
        await Site.of(away, app).get(f"/assets/{name}")


async def test_the_usual_address_of_a_reference_leads_to_the_explorer(away: Database, app: FastAPI) -> None:
    answer = await Site.of(away, app).get("/redoc")
    assert (answer.status_code, answer.headers["location"]) == (308, "/docs")


def test_pages_are_mounted_outside_the_api(away: Database, app: FastAPI) -> None:
    pages: Pages = Site.of(away, app).pages
    assert pages.at({"method": "GET", "path": "/api/v1/products"}) is None
    assert pages.at({"method": "POST", "path": "/"}) is None
    assert pages.at({"method": "HEAD", "path": "/docs"}) is not None
