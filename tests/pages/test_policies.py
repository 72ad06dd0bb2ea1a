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


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors", "/openapi.json", "/openapi-3.0.json"])
async def test_a_page_that_is_the_same_for_everybody_is_sent_once(away: Database, app: FastAPI, path: str) -> None:
    site = Site.of(away, app, **PRODUCTION)
    first = await site.get(path, accept_encoding="br")
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = await site.get(path, accept_encoding="br", if_none_match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary", "content-security-policy", "access-control-allow-origin"):
        assert again.headers.get(name) == first.headers.get(name), "a browser replaces the headers of its copy"


async def test_a_page_with_the_state_of_the_installation_is_not_stored(away: Database, app: FastAPI) -> None:
    page = await Site.of(away, app).get("/")
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers


@pytest.mark.parametrize("version", ["", "?v=000000000000", "?v=", "?w=1"])
async def test_a_file_under_another_version_is_not_kept_for_good(away: Database, app: FastAPI, version: str) -> None:
    """The version of another program during an update, or one that somebody has made up."""
    site = Site.of(away, app)
    file = await site.get(f"/assets/pages.css{version}")
    assert (file.status_code, file.headers["cache-control"]) == (200, "no-cache")
    again = await site.get(f"/assets/pages.css{version}", if_none_match=file.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


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
