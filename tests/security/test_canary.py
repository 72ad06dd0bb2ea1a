"""A canary word in every text of one tenant occurs in no response, list, search or row of another."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.runtime.installation import Installation
from tests.program import Program
from tests.security.operations import Operation, leaves, operation_of, operations
from tests.security.shops import ROLES, Shop, Shops
from tests.security.test_authorisation_matrix import EVERY_OPERATION, send

CHOSEN = {
    "currency",
    "country",
    "countries",
    "country_of_origin",
    "hs_code",
    "locale",
    "gateway",
    "token",
    "role",
    "status",
    "kind",
    "domains",
    "territories",
    "territory",
}
"""Texts whose values or format admit no canary; domains contain it if possible."""

NEVER_SHOWN = {"password", "current_password", "new_password", "refresh_token", "mfa_code"}
"""Secrets, which are stored as hashes, so that a canary in them could not be found."""

EXPECTED_TABLES = {
    "kit_audit",
    "kit_event_log",
    "cart_items",
    "catalog_categories",
    "catalog_products",
    "catalog_variants",
    "identity_users",
    "inventory_locations",
    "orders_orders",
    "payments_attempts",
    "shipping_methods",
    "vendors_vendors",
}


def texts(operation: Operation) -> set[str]:
    """Return the pointers of all free-text fields of an operation's body."""
    assert operation.body is not None
    return {
        pointer
        for pointer, schema in leaves(operation.body)
        if schema.get("type") == "string"
        and not schema.keys() & {"enum", "const"}
        and schema.get("format") not in {"uuid", "date", "date-time", "password"}
        and not {part for part in pointer.split("/") if part in CHOSEN | NEVER_SHOWN}
    }


def canary_pointers(body: Any, canary: str, pointer: str = "") -> Iterator[str]:
    """Yield the pointers at which a sent body contains the canary."""
    if isinstance(body, dict):
        for name, member in body.items():
            yield from canary_pointers(member, canary, f"{pointer}/{name}")
    elif isinstance(body, list):
        for member in body:
            yield from canary_pointers(member, canary, f"{pointer}/*")
    elif isinstance(body, str) and canary[:20] in body:
        yield pointer


def covers(pointer: str, pointers: set[str]) -> bool:
    pattern = re.compile("/".join("[^/]+" if part == "*" else re.escape(part) for part in pointer.split("/")))
    return any(pattern.fullmatch(one) for one in pointers)


def test_every_text_field_was_sent_with_the_canary(shops: Shops) -> None:
    shop = shops.ours
    pointers: dict[str, set[str]] = {}
    for method, path, body in shop.sent:
        pointers.setdefault(str(operation_of(method, path)), set()).update(canary_pointers(body, shop.canary))
    writes = [one for one in operations() if one.body is not None and texts(one)]
    missing = {
        f"{one} {pointer}"
        for one in writes
        for pointer in texts(one)
        if not covers(pointer, pointers.get(str(one), set()))
    }
    assert not missing


def find_leaks(answer: httpx2.Response, shop: Shop, *, requested: str = "") -> list[str]:
    """Return the data of a shop that a response contains, except what the request itself contained."""
    response_text = answer.text + repr(answer.headers.raw)
    secrets = {shop.canary, *shop.values.values()} - {shop.values["gateway"]}
    return [secret for secret in secrets if secret in response_text and secret not in requested]


async def test_people_of_the_shop_see_its_canary(shops: Shops) -> None:
    """The canary is found in most lists and objects of its own shop, so that the other tests are meaningful."""
    seen = set()
    reads = [one for one in operations() if one.is_read]
    for one in reads:
        for person in ("customer", "admin", "super_admin"):
            answer = await send(shops.ours.people[person], shops.origin, one, shops.ours.values_for(one.path))
            if find_leaks(answer, shops.ours):
                seen.add(str(one))
    unseen = {str(one) for one in reads} - seen
    assert unseen <= {
        "GET /.well-known/jwks.json",
        "GET /api/v1/imports/{import_id}/errors",
        "GET /api/v1/imports/{import_id}/notes",
        "GET /api/v1/ledger/accounts",
        "GET /api/v1/ledger/proof",
        "GET /api/v1/play",
        "GET /api/v1/raffles/{raffle_id}/entries",
        "GET /api/v1/rate-limits",
        "GET /api/v1/search",
        "GET /api/v1/inventory/movements",
    }


@EVERY_OPERATION
async def test_no_response_to_another_tenant_contains_the_canary(shops: Shops, operation: Operation) -> None:
    ours, theirs = shops.ours.values_for(operation.path), shops.theirs.values_for(operation.path)
    for person in ROLES:
        if person == "super_admin" and operation.path.startswith("/api/v1/tenants"):
            continue  # super admins manage all tenants
        for values in ({**theirs}, {**theirs, **ours}, {name: str(uuid4()) for name in operation.places}):
            answer = await send(shops.theirs.people[person], shops.origin, operation, values)
            assert not find_leaks(answer, shops.ours, requested=str(answer.url)), f"{person}: {answer.text[:500]}"


@pytest.mark.parametrize("operation", [one for one in operations() if one.is_read and one.queries], ids=str)
async def test_no_query_of_another_tenant_finds_the_canary(shops: Shops, operation: Operation) -> None:
    """Each query parameter is set to our canary and ids, one at a time; every list is read with the largest limit."""
    theirs = shops.theirs.values_for(operation.path)
    wanted = [shops.ours.canary, *sorted(set(shops.ours.values.values()))]
    address = shops.origin + operation.at(theirs)
    for person in ("anonymous", "customer", "admin"):
        for name in operation.queries:
            for word in wanted if name not in {"limit", "cursor", "sort"} else ("100",):
                answer = await shops.theirs.people[person].get(address, params={name: word})
                requested = str(answer.url)
                assert not find_leaks(answer, shops.ours, requested=requested), (
                    f"{person}: {requested}: {answer.text[:500]}"
                )


async def test_a_cursor_is_rejected_in_another_tenant(shops: Shops) -> None:
    page = await shops.ours.people["admin"].get("/users", params={"limit": 1})
    cursor = page.json()["next_cursor"]
    assert cursor is not None
    answer = await shops.theirs.people["admin"].get("/users", params={"limit": 1, "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid_cursor")


@pytest.fixture
async def application(program: Program) -> AsyncIterator[Any]:
    """A connection with the role of the application."""
    connection = await asyncpg.connect(**Installation.find(program.environment, SETTINGS_EXTENSIONS).role("app"))
    try:
        yield connection
    finally:
        await connection.close()


async def rows_that_show(connection: Any, tenant_id: str, shop: Shop) -> dict[str, int]:
    """Count the rows of every table and view, visible to a tenant, that contain data of a shop."""
    await connection.execute(f"SET app.tenant_id = '{tenant_id}'")
    readable = await connection.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class c"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace"
        " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
    )
    # Stemming shortens words, and bytes are response_text in hexadecimal: search for both forms.
    word = shop.canary[:-3]
    needles = [word, word.encode().hex(), shop.values["tenant_id"]]
    counts = {
        row["name"]: await connection.fetchval(
            f"SELECT count(*) FROM (SELECT t::text AS response_text FROM {row['name']} AS t) AS rows"
            " WHERE EXISTS (SELECT FROM unnest($1::text[]) AS n(needle) WHERE strpos(response_text, needle) > 0)",
            needles,
        )
        for row in readable
    }
    return {name: count for name, count in counts.items() if count}


async def test_a_query_without_a_filter_returns_no_row_of_another_tenant(shops: Shops, application: Any) -> None:
    found = await rows_that_show(application, shops.ours.values["tenant_id"], shops.ours)
    assert set(found) >= EXPECTED_TABLES
    assert await rows_that_show(application, shops.theirs.values["tenant_id"], shops.ours) == {}
    assert await rows_that_show(application, str(uuid4()), shops.ours) == {}


async def test_a_query_without_a_tenant_returns_no_rows(shops: Shops, application: Any) -> None:
    await application.execute("RESET app.tenant_id")
    assert shops.ours.canary
    response_text = {
        row["name"]: count
        for row in await application.fetch(
            "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace"
            " AND a.attname = 'tenant_id' AND has_table_privilege(c.oid, 'SELECT')"
        )
        if (count := await application.fetchval(f"SELECT count(*) FROM {row['name']}"))
    }
    assert response_text == {}


async def test_only_the_listed_functions_are_security_definers(application: Any) -> None:
    """A security definer function sees every tenant; the one that returns data is tested below.

    `kit_take_statistics` returns nothing: it updates the statistics of the planner.
    """
    trusted = await application.fetch(
        "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND has_function_privilege(oid, 'EXECUTE')"
    )
    assert {row["proname"] for row in trusted} == {"storefront_search", "kit_take_statistics"}


async def test_the_search_function_finds_nothing_of_another_tenant(shops: Shops, application: Any) -> None:
    async def found(shop: Shop, word: str) -> list[Any]:
        await application.execute(f"SET app.tenant_id = '{shop.values['tenant_id']}'")
        row = await application.fetchrow("SELECT * FROM storefront_search(ARRAY[$1::text], 100)", word)
        return [*(row["products"] or ()), *(row["near"] or ())]

    assert await found(shops.ours, shops.ours.canary)
    for word in (shops.ours.canary, shops.ours.canary[:8], f"@{shops.ours.values['tenant_id']}", "many"):
        names = {shops.ours.values["product"], shops.ours.values["sold_product_id"], shops.ours.canary}
        assert not names & {str(one) for one in await found(shops.theirs, word)}
