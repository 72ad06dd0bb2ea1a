"""The policies of the real routes: what is served first, and which routes lift a limit."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from luxewin.kit.http.limits import CREDENTIALS, MONEY
from luxewin.kit.http.middleware import BASE
from luxewin.kit.http.policies import RoutePolicy, default_policy
from luxewin.kit.http.priorities import Priority
from luxewin.main import ROUTES
from tests.security.operations import operations, resolve

CATALOGUE = {"products", "categories", "collections", "imports", "vendors"}


def policy_of(method: str, path: str) -> RoutePolicy:
    return ROUTES.find(method, BASE + path)[0].policy


@pytest.mark.parametrize(
    ("method", "path", "priority"),
    [
        ("POST", "/payments/webhooks/simulator/1", Priority.MONEY),
        ("POST", "/orders/1/payments", Priority.MONEY),
        ("POST", "/orders/1/payments/2/confirm", Priority.MONEY),
        ("POST", "/orders/1/refunds", Priority.MONEY),
        ("POST", "/orders/1/cancel", Priority.MONEY),
        ("POST", "/orders", Priority.WRITES),
        ("POST", "/products", Priority.WRITES),
        ("GET", "/orders/1", Priority.OWN),
        ("GET", "/cart", Priority.OWN),
        ("POST", "/cart/items", Priority.OWN),
        ("GET", "/auth/me", Priority.OWN),
        ("POST", "/auth/logout", Priority.OWN),
        ("POST", "/auth/login", Priority.CREDENTIALS),
        ("POST", "/users", Priority.CREDENTIALS),
        ("GET", "/products/oslo-chair", Priority.DETAILS),
        ("GET", "/products", Priority.LISTS),
        ("HEAD", "/search", Priority.LISTS),
        ("GET", "/orders", Priority.LISTS),
        ("GET", "/exports/products.csv", Priority.LISTS),
        ("POST", "/imports", Priority.LISTS),
        ("GET", "/ledger/proof", Priority.LISTS),
    ],
)
def test_payments_have_the_highest_priority_and_lists_the_lowest(method: str, path: str, priority: Priority) -> None:
    assert policy_of(method, path).priority is priority


def declared(option: str, *, other_than: object) -> set[str]:
    return {
        f"{method} {route.path}"
        for route in ROUTES.routes
        for method in route.methods or ()
        if getattr(route.policy, option) != other_than
    }


def test_credentials_are_ignored_and_limited_where_passwords_and_tokens_are_exchanged() -> None:
    assert declared("authenticates", other_than=True) == {
        "POST /auth/register",
        "POST /auth/login",
        "POST /auth/refresh",
    }
    limited = {f"{method} {route.path}" for route in ROUTES.routes for method in route.methods or ()
               if route.policy.rate_limit == CREDENTIALS}  # fmt: skip
    assert limited == declared("authenticates", other_than=True) | {"PUT /auth/password", "POST /users"}


def test_only_routes_of_carts_and_orders_receive_the_credentials_of_guests() -> None:
    def receiving(header: str) -> set[str]:
        return {
            f"{method} {route.path}"
            for route in ROUTES.routes
            for method in route.methods or ()
            if header in route.policy.credential_headers
        }

    assert ROUTES.credential_headers == ("x-cart-token", "x-order-token")
    assert receiving("x-cart-token") == {
        "GET /cart",
        "PUT /cart",
        "DELETE /cart",
        "GET /cart/shipping-options",
        "POST /cart/items",
        "PUT /cart/items/{item_id}",
        "DELETE /cart/items/{item_id}",
        "POST /orders",
        "POST /auth/register",
        "POST /auth/login",
    }
    assert receiving("x-order-token") == {
        "GET /orders/{order_id}",
        "POST /orders/{order_id}/cancel",
        "POST /orders/{order_id}/payments",
        "POST /orders/{order_id}/payments/{payment_id}/confirm",
    }


def test_what_may_charge_a_card_is_limited_for_all_processes_together() -> None:
    limited = {f"{method} {route.path}" for route in ROUTES.routes for method in route.methods or ()
               if route.policy.rate_limit == MONEY}  # fmt: skip
    assert limited == {
        "POST /orders",
        "POST /orders/{order_id}/payments",
        "POST /orders/{order_id}/payments/{payment_id}/confirm",
        "POST /raffles/{raffle_id}/purchases",
    }


def test_only_imports_accept_large_bodies_and_only_exports_take_long() -> None:
    assert declared("accepts_upload", other_than=False) == {"POST /imports"}
    assert declared("sends_file", other_than=False) == {"GET /exports/products.csv", "GET /exports/products.jsonl"}


def test_only_lists_and_searches_of_products_are_cached() -> None:
    assert declared("cacheable", other_than=False) == {"GET /products", "GET /search"}


def test_every_route_requires_https_and_waits_for_its_turn_and_has_a_rate_limit() -> None:
    assert declared("requires_https", other_than=True) == set()
    for route in ROUTES.routes:
        assert route.policy.priority is not None
        assert route.policy.rate_limit is not None


def test_every_write_to_the_catalogue_invalidates_the_cache() -> None:
    writes = {
        f"{method} {route.path}"
        for route in ROUTES.routes
        for method in route.methods or ()
        if method != "GET" and route.path.split("/")[1] in CATALOGUE
    }
    assert writes <= declared("invalidates_cache", other_than=False)


def test_a_limit_is_lifted_by_declaration_only() -> None:
    assert default_policy("POST", "/x") == RoutePolicy(priority=Priority.WRITES, rate_limit="writes")


SECRETS = re.compile(r"(?:^|_)(?:token|secret|salt|password|key)$")
NO_SECRETS = {"order_token", "signing_key", "public_key"}
"""Public keys, and a token that only the response to a write contains."""


def property_names(schema: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names of all properties of a schema, with those of its parts."""
    reference = schema.get("$ref", "")
    if reference in seen:
        return
    resolved = resolve(schema)
    parts = [*resolved.get("anyOf", ()), *resolved.get("oneOf", ()), *resolved.get("allOf", ())]
    parts += [part for name in ("items", "additionalProperties") if isinstance(part := resolved.get(name), dict)]
    yield from resolved.get("properties", {})
    for part in [*resolved.get("properties", {}).values(), *parts]:
        yield from property_names(part, seen | {reference} if reference else seen)


def test_a_response_to_a_read_that_contains_a_secret_is_never_compressed() -> None:
    reads = {
        f"{operation.method} {operation.path.removeprefix(BASE)}"
        for operation in operations()
        if operation.is_read
        for answer in [operation.declared["responses"].get("200", {})]
        for media in answer.get("content", {}).values()
        if any(SECRETS.search(name) and name not in NO_SECRETS for name in property_names(media.get("schema", {})))
    }
    assert reads == declared("holds_secrets", other_than=False)
