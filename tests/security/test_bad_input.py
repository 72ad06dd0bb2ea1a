"""Invalid bodies, numbers and parameters are rejected with a reason, without failures or effects."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from luxewin.kit.money import LARGEST_UNIT_AMOUNT_MINOR
from tests.security.operations import Operation, operations, resolve
from tests.security.raw_http import LONGEST_ANSWER_SECONDS, assert_no_internal_error, assert_rejected
from tests.security.shops import Shops

pytestmark = pytest.mark.usefixtures("no_server_errors")
WRITES = [one for one in operations() if one.body is not None]
SEARCHES = [one for one in operations() if one.is_read and one.queries]
READ_ONLY = ("id", "tenant_id", "version", "created_at", "updated_at", "nonsense")
HOSTILE_TEXTS = (
    "' OR '1'='1",
    "'; DROP TABLE catalog_products; --",
    "1) UNION SELECT password_hash FROM identity_credentials --",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}",
    "$(touch /tmp/owned)`id`|id;id",
    "../../../../etc/passwd",
    "%00",
    "\\",
    "(((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+$" + "a" * 40,
    "\u202e\ufeff\U000e0001",
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    "x" * 5_000,
)


@pytest.fixture
async def staff(shops: Shops) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an administrator with a short timeout."""
    admin = shops.ours.people["admin"]
    async with httpx2.AsyncClient(
        base_url=admin.base_url, headers=admin.headers, timeout=LONGEST_ANSWER_SECONDS
    ) as client:
        yield client


def product(**more: Any) -> dict[str, Any]:
    name = f"Chair {uuid4().hex[:8]}"
    return {"name": name, "price": {"amount": 1_000, "currency": "USD"}, **more}


async def post(staff: httpx2.AsyncClient, path: str, text: str | bytes, **headers: str) -> httpx2.Response:
    return await staff.post(path, content=text, headers={"content-type": "application/json", **headers})


async def test_a_body_over_the_limit_is_rejected_before_it_is_read(staff: httpx2.AsyncClient) -> None:
    for path in ("/products", "/auth/login"):
        assert_rejected(await post(staff, path, b" " * (1 << 20) + b"{}"), 413, code="request.too_large")


async def test_a_body_of_unknown_length_is_rejected_at_the_limit(staff: httpx2.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * (1 << 14)

    answer = await staff.post("/products", content=endless(), headers={"content-type": "application/json"})
    assert_rejected(answer, 413, code="request.too_large")


async def test_only_upload_operations_accept_large_bodies(staff: httpx2.AsyncClient) -> None:
    form = {"content-type": "multipart/form-data; boundary=b"}
    assert_rejected(await staff.post("/auth/login", content=b"x" * (2 << 20), headers=form), 413)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000 + "]" * 10_000,
        '{"a":' * 10_000 + "1" + "}" * 10_000,
        '{"name": "x", "price": ' + "[" * 900 + "]" * 900 + "}",
        '{"name": NaN}',
        '{"name": Infinity}',
        '{"name": "\\ud800"}',
        '{"name": "a\\u0000b", "price": {"amount": 1, "currency": "USD"}}',
        '{"\\u0000": 1}',
        b'{"name": "\xff\xfe"}',
        b'\xef\xbb\xbf{"name": "bom"}',
        b"\x00",
        "",
        "null",
        "[]",
        '"text"',
        "1" * 5_000,
        '{"name": "open',
        "{'name': 'single'}",
        '{"name": "x"} {"name": "y"}',
        "<product/>",
    ],
    ids=lambda text: repr(text[:24]),
)
async def test_a_malformed_json_body_is_rejected(staff: httpx2.AsyncClient, text: str | bytes) -> None:
    assert_rejected(await post(staff, "/products", text), 400)


@pytest.mark.parametrize(
    "amount",
    ["NaN", "-1", "-0.0", "0.005", "1.0", "1e3", "1e400", "9" * 5_000, str(2**63), str(2**53), '"100"', "true", "null"],
    ids=lambda amount: amount[:12],
)
async def test_an_amount_must_be_a_whole_number_of_minor_units_within_bounds(
    staff: httpx2.AsyncClient, amount: str
) -> None:
    text = json.dumps(product(price="HERE")).replace('"HERE"', f'{{"amount": {amount}, "currency": "USD"}}')
    assert_rejected(await post(staff, "/products", text), 400)


async def test_negative_zero_is_zero(staff: httpx2.AsyncClient) -> None:
    text = json.dumps(product(price="HERE")).replace('"HERE"', '{"amount": -0, "currency": "USD"}')
    made = await post(staff, "/products", text)
    assert (made.status_code, made.json()["price"]) == (201, {"amount": 0, "currency": "USD"})
    assert b"-0" not in made.content.partition(b'"price"')[2][:30]


@pytest.mark.parametrize("currency", ["usd", "XXX", "US", "USDX", "", "€", "U\u0405D"])
async def test_an_unknown_currency_is_rejected(staff: httpx2.AsyncClient, currency: str) -> None:
    assert_rejected(await staff.post("/products", json=product(price={"amount": 1, "currency": currency})), 400)


@pytest.mark.parametrize("quantity", ["0", "-1", str(2**31), str(2**63), "1.0", "1.5", '"1"', "true", "null", "1e400"])
async def test_a_quantity_must_be_a_whole_number_of_units(
    shops: Shops, staff: httpx2.AsyncClient, quantity: str
) -> None:
    variant_id = shops.ours.values["variant_id"]
    text = f'{{"variant_id": "{variant_id}", "quantity": {quantity}}}'
    assert_rejected(await post(staff, "/cart/items", text), 400)
    adjustment = f'{{"variant_id": "{variant_id}", "reason": "counted", "on_hand": {quantity}}}'
    answer = await post(staff, "/inventory/adjustments", adjustment, prefer="dry-run")
    if quantity == "0":
        assert_no_internal_error(answer)
    else:
        assert_rejected(answer, 400)


async def test_a_line_total_beyond_the_largest_amount_is_rejected(staff: httpx2.AsyncClient) -> None:
    made = await staff.post("/products", json=product(price={"amount": LARGEST_UNIT_AMOUNT_MINOR, "currency": "USD"}))
    assert made.status_code == 201, made.text
    async with httpx2.AsyncClient(base_url=staff.base_url, headers={"x-tenant": staff.headers["x-tenant"]}) as guest:
        item = {"product_id": made.json()["id"], "quantity": 10_000}
        assert_rejected(await guest.post("/cart/items", json=item), 409, 400)


async def test_a_duplicate_name_in_a_body_is_rejected(staff: httpx2.AsyncClient) -> None:
    text = json.dumps(product())[:-1] + ', "name": "Second"}'
    assert_rejected(await post(staff, "/products", text, prefer="dry-run"), 400, code="request.invalid")


@pytest.mark.parametrize("operation", WRITES, ids=str)
async def test_every_write_rejects_read_only_and_unknown_fields(shops: Shops, operation: Operation) -> None:
    assert operation.body is not None
    address = shops.origin + operation.at(shops.ours.values_for(operation.path))
    for name in READ_ONLY:
        if name in operation.body.get("properties", {}):
            continue
        body = {**operation.example, name: "0199a1b2-7c00-7000-8000-000000000001"}
        answer = await shops.ours.people["super_admin"].request(
            operation.method, address, json=body, headers={"prefer": "dry-run"}
        )
        assert_rejected(answer, 400, code="request.invalid")
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"]


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_every_object_in_a_body_rejects_unknown_fields(operation: Operation) -> None:
    assert operation.body is not None
    open_ended = [
        pointer
        for pointer, schema in objects(operation.body)
        if schema.get("additionalProperties", True) is True and "patternProperties" not in schema
    ]
    assert not open_ended


def objects(schema: Mapping[str, Any], pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every object of a schema, with its pointer."""
    schema = resolve(schema)
    for choice in schema.get("anyOf") or schema.get("oneOf") or ():
        yield from objects(choice, pointer)
    if schema.get("type") == "object":
        yield pointer, schema
    for name, member in schema.get("properties", {}).items():
        yield from objects(member, f"{pointer}/{name}")
    if "items" in schema:
        yield from objects(schema["items"], f"{pointer}/*")


@pytest.mark.parametrize("operation", WRITES, ids=str)
async def test_a_body_of_another_content_type_is_rejected(shops: Shops, operation: Operation) -> None:
    address = shops.origin + operation.at(shops.ours.values_for(operation.path))
    text = json.dumps(operation.example).encode()
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "image/png", "nonsense"):
        answer = await shops.ours.people["super_admin"].request(
            operation.method, address, content=text, headers={"content-type": kind, "prefer": "dry-run"}
        )
        assert_rejected(answer, 400, 415)


@pytest.mark.parametrize("operation", SEARCHES, ids=str)
async def test_a_hostile_query_parameter_is_treated_as_text_or_rejected(shops: Shops, operation: Operation) -> None:
    address = shops.origin + operation.at(shops.ours.values_for(operation.path))
    admin = shops.ours.people["super_admin"]
    for name in operation.queries:
        for word in HOSTILE_TEXTS:
            answer = await admin.get(address, params={name: word}, timeout=LONGEST_ANSWER_SECONDS)
            if answer.status_code == 200:
                assert answer.headers["content-type"] == "application/json", word
            else:
                assert_rejected(answer, 400)


@pytest.mark.parametrize("word", [word for word in HOSTILE_TEXTS if len(word) < 200 and word != "%00"])
async def test_hostile_text_is_returned_unchanged(staff: httpx2.AsyncClient, word: str) -> None:
    made = await staff.post("/products", json=product(name=word, tags=[word]), headers={"prefer": "dry-run"})
    assert made.status_code in {201, 400}, made.text
    if made.status_code == 201:
        assert (made.json()["name"], made.json()["tags"]) == (word, [word])


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a\nb", "a\x1b[31m", "a\u2028b", "a\x85b", "\t", " ", ""])
async def test_a_name_with_control_characters_is_rejected(staff: httpx2.AsyncClient, name: str) -> None:
    assert_rejected(await staff.post("/products", json=product(name=name)), 400)
    assert_rejected(await staff.post("/vendors", json={"name": name}), 400)


async def test_scripts_are_removed_from_html(staff: httpx2.AsyncClient) -> None:
    hostile = '<p onclick="x()">a</p><script>x()</script><img src=x onerror=x()><a href="javascript:x()">b</a>'
    made = await staff.post("/products", json=product(description=hostile), headers={"prefer": "dry-run"})
    assert made.status_code == 201, made.text
    kept = made.json()["description"].lower()
    assert not [part for part in ("script", "onclick", "onerror", "javascript:") if part in kept], kept


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "ftp://x"]
)
async def test_an_invalid_image_url_is_rejected(staff: httpx2.AsyncClient, url: str) -> None:
    assert_rejected(await staff.post("/products", json=product(image_url=url)), 400)


@pytest.mark.parametrize("sort", ["password_hash", "-password_hash", "sort_name", "created_at;--", "(select 1)"])
async def test_an_unsupported_sort_key_is_rejected(staff: httpx2.AsyncClient, sort: str) -> None:
    assert_rejected(await staff.get("/products", params={"sort": sort}), 400)


@pytest.mark.parametrize("token", ["4242424242424242", "4111111111111111", "5555555555554444"])
async def test_a_card_number_is_rejected_as_a_payment_token(
    shops: Shops, staff: httpx2.AsyncClient, token: str
) -> None:
    means = {"gateway": "simulator", "token": token}
    order_id = shops.ours.values["waiting_order_id"]
    answer = await staff.post(f"/orders/{order_id}/payments", json=means)
    assert_rejected(answer, 400)
    assert token not in answer.text


async def test_equivalent_spellings_of_an_email_address_are_one_account(
    shops: Shops, staff: httpx2.AsyncClient
) -> None:
    name = uuid4().hex[:12]
    account = {"name": "Ada", "email": f"ada{name}@example.com", "password": "nine owls in the attic"}
    assert (await staff.post("/users", json=account)).status_code == 201
    wide = "".join(chr(ord(character) + 0xFEE0) for character in f"ada{name}") + "@example.com"
    for email in (f"ADA{name}@EXAMPLE.com", f"  ada{name}@example.com ", wide, f"ada{name}@\uff45xample.com"):
        answer = await shops.ours.people["anonymous"].post("/auth/register", json={**account, "email": email})
        assert_rejected(answer, 400, 409)


@pytest.mark.parametrize("email", ["a", "@", "a@b@c.de", "a b@c.de", "a@c.de\r\nbcc: x@y.zz", "a@" + "b" * 250 + ".de"])
async def test_an_invalid_email_address_is_rejected(shops: Shops, email: str) -> None:
    account = {"name": "Ada", "email": email, "password": "nine owls in the attic"}
    assert_rejected(await shops.ours.people["anonymous"].post("/auth/register", json=account), 400)


@pytest.mark.parametrize("password", ["short", "password1", "12345678", "", "x" * 257])
async def test_a_weak_password_is_rejected(shops: Shops, password: str) -> None:
    account = {"name": "Ada", "email": f"{uuid4().hex}@example.com", "password": password}
    answer = await shops.ours.people["anonymous"].post("/auth/register", json=account)
    assert_rejected(answer, 400)
    assert not password or f'"{password}"' not in answer.text
