"""Malformed or hostile requests, headers, idempotency keys, cursors and files."""

import asyncio
import base64
import csv
import io
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.program import Program
from tests.security.operations import operations, operations_at
from tests.security.raw_http import assert_no_internal_error, assert_rejected, send_raw, status_of
from tests.security.shops import Shops

pytestmark = pytest.mark.usefixtures("no_server_errors")


def request(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode("latin-1")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "PROPFIND", "NONSENSE", "get"])
async def test_an_unsupported_method_is_rejected(program: Program, method: str) -> None:
    answer = await send_raw(program, request(method, "/api/v1/products", "X-Secret: echo-me"))
    assert status_of(answer) in {400, 405, 501}
    assert b"echo-me" not in answer


@pytest.mark.parametrize("path", sorted({one.path for one in operations()}))
async def test_a_wrong_method_is_rejected_with_the_allowed_methods(shops: Shops, path: str) -> None:
    address = next(one for one in operations() if one.path == path).at(shops.ours.values_for(path))
    served = {one.method for one in operations_at(address)}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - served:
        answer = await shops.ours.people["super_admin"].request(method, shops.origin + address, json={})
        assert_rejected(answer, 405, code="request.method_not_allowed")
        assert set(answer.headers["allow"].split(", ")) == served


async def test_a_request_without_a_host_is_refused(program: Program) -> None:
    answer = await send_raw(program, b"GET /api/v1/products HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert status_of(answer) == 400
    assert b"application/problem+json" in answer


async def test_a_protocol_upgrade_is_ignored(program: Program) -> None:
    upgrade = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: " + "eA==" * 6,
    )
    assert status_of(await send_raw(program, request("GET", "/api/v1/products?limit=1", *upgrade))) == 200
    refused = await send_raw(program, request("GET", "/api/v1/nothing", *upgrade))
    assert status_of(refused) == 404
    assert b"application/problem+json" in refused


async def test_ten_thousand_headers_cause_no_server_error(program: Program) -> None:
    many = [f"X-{number}: {number}" for number in range(10_000)]
    assert status_of(await send_raw(program, request("GET", "/api/v1/products", *many))) < 500


async def test_a_very_long_header_causes_no_server_error(program: Program) -> None:
    assert status_of(await send_raw(program, request("GET", "/api/v1/products", "X-Long: " + "x" * 200_000))) < 500


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: -1"],
        ["Content-Length: 1", "Content-Length: 2"],
        ["Content-Length: \xb2"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: identity, chunked, x"],
        ["X-Folded: a", " b"],
        ["X-Bad\x00Name: a"],
        ["X-Bad: a\x00b"],
        ["Authorization: Bearer \xff\xfe"],
        ["Authorization: Bearer"],
        ["Authorization: Basic YTpi"],
        ["X-Tenant: \xe9\xff"],
        ["X-Tenant: ' OR 1=1 --"],
        ["Idempotency-Key: \xff"],
        ["If-Match: \xff"],
        ["X-Request-Id: a\tb<script>"],
        ["X-Cart-Token: " + "x" * 5_000],
        ["Accept-Language: " + "x" * 5_000],
        ["Cookie: " + "a=b; " * 1_000],
    ],
    ids=lambda lines: repr(lines[0][:40]),
)
async def test_a_malformed_header_is_ignored_or_rejected(program: Program, lines: list[str]) -> None:
    for method in ("GET", "POST"):
        path = "/api/v1/cart/items" if method == "POST" else "/api/v1/cart"
        answer = await send_raw(program, request(method, path, *lines, "Connection: close"))
        assert status_of(answer) < 500, answer
        assert b"<script>" not in answer


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../../../../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/assets/....//....//etc/passwd",
        "/assets/%252e%252e/etc/passwd",
        "/assets//etc/passwd",
        "/assets/..\\..\\etc\\passwd",
        "/assets/pages.css%00.png",
        "/assets/",
        "/assets/%c0%ae%c0%ae/",
        "//etc/passwd",
        "/docs/../../etc/passwd",
        "/api/v1/../../etc/passwd",
        "/api/v1/products/..%2f..%2fusers",
        "/api/v1/products/%00",
        "/api/v1/products/%ff%fe",
        "/api/v1//products",
        "/api/v1/products/",
        "/api/v2/products",
        "http://169.254.169.254/latest/meta-data",
    ],
)
async def test_path_traversal_is_rejected(program: Program, path: str) -> None:
    answer = await send_raw(program, request("GET", path, "Connection: close"))
    assert 400 <= status_of(answer) < 500, answer[:500]
    assert b"root:" not in answer


async def test_responses_do_not_name_the_server_software(program: Program) -> None:
    for path in ("/", "/api/v1/products", "/api/v1/nothing", "/health/live"):
        answer = await send_raw(program, request("GET", path, "Connection: close"))
        assert b"\r\nserver:" not in answer.lower()
        assert b"x-content-type-options: nosniff" in answer.lower()


def named(name: str) -> dict[str, Any]:
    return {"name": name, "price": {"amount": 1_000, "currency": "USD"}}


async def test_a_malformed_idempotency_key_is_rejected(shops: Shops) -> None:
    admin = shops.ours.people["admin"]
    for key in ("", "x" * 256, "a b\tc", "é"):
        answer = await admin.post("/products", json=named("Chair"), headers=[(b"idempotency-key", key.encode())])
        assert_rejected(answer, 400)


async def test_a_key_cannot_be_reused_for_another_body(shops: Shops) -> None:
    admin, key = shops.ours.people["admin"], {"idempotency-key": uuid4().hex}
    made = await admin.post("/products", json=named("Chair"), headers=key)
    again = await admin.post("/products", json=named("Chair"), headers=key)
    assert (made.status_code, made.content) == (201, again.content)
    other = await admin.post("/products", json=named("Table"), headers=key)
    assert_rejected(other, 422, code="idempotency.key_reused")


async def test_fifty_equal_requests_under_one_key_have_one_effect(shops: Shops) -> None:
    admin, key, code = shops.ours.people["admin"], {"idempotency-key": uuid4().hex}, f"l{uuid4().hex[:10]}"
    body = {"code": code, "name": "Berlin"}
    answers = await asyncio.gather(*(admin.post("/inventory/locations", json=body, headers=key) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    listed = (await admin.get("/inventory/locations", params={"limit": 100})).json()["data"]
    assert [location["code"] for location in listed].count(code) == 1


async def test_idempotency_keys_of_different_people_are_independent(shops: Shops) -> None:
    key = {"idempotency-key": uuid4().hex}
    made = await shops.ours.people["admin"].post("/products", json=named("Chair"), headers=key)
    for person, shop in (("vendor", shops.ours), ("admin", shops.theirs)):
        other = await shop.people[person].post("/products", json=named("Table"), headers=key)
        assert other.status_code == 201, other.text
        assert other.json()["id"] != made.json()["id"]


def forged_cursor(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


async def test_a_manipulated_cursor_is_rejected(shops: Shops) -> None:
    admin = shops.ours.people["admin"]
    for path in ("/products", "/users", "/audit-log", "/orders"):
        page = (await admin.get(path, params={"limit": 1})).json()
        cursor = page["next_cursor"]
        assert cursor, path
        flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "Q")
        early = ("A" if cursor[0] != "A" else "B") + cursor[1:]
        for bad in (
            flipped,
            early,
            cursor[:-5],
            cursor + "AAAA",
            forged_cursor(["2026-01-01", str(uuid4())]),
            "AAAA",
            "!",
        ):
            assert_rejected(await admin.get(path, params={"limit": 1, "cursor": bad}), 400)
    users = (await admin.get("/users", params={"limit": 1})).json()["next_cursor"]
    assert_rejected(await admin.get("/orders", params={"cursor": users}), 400)
    assert_rejected(await admin.get("/users", params={"cursor": users, "role": "customer"}), 400)


async def test_exported_cells_cannot_run_as_formulas(shops: Shops) -> None:
    admin = shops.ours.people["admin"]
    for hostile in ('=HYPERLINK("http://evil.example")', "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0"):
        made = await admin.post(
            "/products", json={**named(hostile), "tags": [hostile], "sku": f"{hostile} {uuid4().hex}"}
        )
        assert made.status_code == 201, made.text
    exported = await admin.get("/exports/products.csv")
    assert exported.status_code == 200
    cells = [cell for row in csv.reader(io.StringIO(exported.text)) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
        b"PK\x03\x04" + b"\x00" * 100,
        b"\x00" * 1_000,
        b"\xff\xfe" + "Handle,Title".encode("utf-16-le"),
        b"not a product file at all",
        b'"never closed,\n' * 100,
        b"Handle,Title\n" + b'a,"' + b"x" * 300_000 + b'"\n',
        b"Handle," * 5_000 + b"Title\n",
        b"Handle,Title,Variant Price\n" + b"a,b,=1+1\n" + b"c,d,NaN\n" + b"e,f,-5\n" + b"g,h,1e400\n",
        b"{}",
        b"<html></html>",
        b"\n\n\n",
    ],
    ids=lambda content: repr(content[:16]),
)
async def test_importing_an_invalid_file_fails_with_a_reason(shops: Shops, content: bytes) -> None:
    admin = shops.ours.people["admin"]
    queued = await admin.post("/imports", files={"file": ("../../x\r\n.csv", content, "text/csv")})
    assert_no_internal_error(queued)
    if queued.status_code == 400:
        return
    assert queued.status_code == 202, queued.text
    deadline = time.monotonic() + 30
    while (seen := (await admin.get(f"/imports/{queued.json()['id']}")).json())["status"] in {"queued", "running"}:
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.1)
    assert seen["status"] in {"failed", "completed_with_errors"}, seen
    assert_no_internal_error(await admin.get(f"/imports/{queued.json()['id']}/errors"))


@pytest.fixture(scope="module")
def limited() -> Iterator[Program]:
    """A program with the rate limits of production."""
    with Program(processes=1, LUXEWIN_LIMIT_SCALE="1") as running:
        yield running


async def test_a_forwarded_address_does_not_evade_the_limit(limited: Program) -> None:
    login = {"email": "nobody@example.com", "password": "wrong password"}
    paths = ("/auth/login", "/auth/login/", "/auth/login?x=1")
    async with limited.client() as client:
        answers = [
            await client.post(
                paths[number % 3], json=login, headers={"x-forwarded-for": f"203.0.113.{number}", "x-real-ip": "::1"}
            )
            for number in range(30)
        ]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 8 <= len(refused) <= 10  # the window slides while the passwords are checked
    assert_rejected(refused[0], 429, code="request.rate_limited")
    assert int(refused[0].headers["retry-after"]) >= 1
    assert answers[-1].status_code == 429


async def test_rate_limits_of_different_classes_are_independent(limited: Program) -> None:
    async with limited.client() as client:
        read = await client.get("/products")
        assert read.status_code == 200
        assert read.headers["ratelimit-policy"].startswith('"reads";q=1200')


@pytest.mark.parametrize("ending", ["%0A", "%0D", "%09", "%1F", "%7F", "%00"])
async def test_a_path_with_a_control_character_reaches_no_route(program: Program, ending: str) -> None:
    for method, path in (("GET", "/api/v1/products"), ("POST", "/api/v1/auth/login"), ("POST", "/api/v1/orders")):
        answer = await send_raw(program, request(method, path + ending, "Content-Length: 0", "Connection: close"))
        assert status_of(answer) == 400, answer
        assert b"control characters" in answer


@pytest.mark.parametrize("host", ["u@b.example", "a, b", "b.example/path", "b example", "[::1", "a\\b"])
async def test_a_host_that_is_none_is_refused(program: Program, host: str) -> None:
    line = f"GET /api/v1/products?limit=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert status_of(await send_raw(program, line.encode())) == 400


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost.", "127.0.0.1:80", "[::1]:8000", "my_service", ""])
async def test_any_spelling_of_a_host_is_served(program: Program, host: str) -> None:
    line = f"GET /api/v1/products?limit=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert status_of(await send_raw(program, line.encode())) == 200


async def test_a_header_after_the_body_is_not_a_header(program: Program, shops: Shops) -> None:
    token = shops.ours.people["admin"].headers["authorization"]
    chunked = (
        "POST /api/v1/categories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        f'e\r\n{{"name":"Abc"}}\r\n0\r\nAuthorization: {token}\r\n\r\n'
    )
    assert status_of(await send_raw(program, chunked.encode())) == 401


async def test_a_trailer_without_end_is_refused_before_it_fills_the_memory(program: Program) -> None:
    chunked = "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Long: "
    assert status_of(await send_raw(program, chunked.encode() + b"x" * 400_000)) == 400


@pytest.mark.parametrize("depth", [100, 490, 1_000, 5_000])
@pytest.mark.parametrize("content", ['"\\u0000"', '"a:b"', "{}", '{"a":1,"a":2}'])
async def test_a_deeply_nested_body_is_refused(program: Program, depth: int, content: str) -> None:
    async with program.client() as client:
        for body in ("[" * depth + content + "]" * depth, '{"a":' * depth + content + "}" * depth):
            answer = await client.post("/auth/login", content=body, headers={"content-type": "application/json"})
            assert_rejected(answer, 400)


LONG_INPUTS = ["1" * 200_000, "a" * 200_000, "eyJ" * 60_000, "a." * 100_000, "\u00e9" * 200_000, "postgres://" * 20_000]


@pytest.mark.parametrize("text", LONG_INPUTS, ids=lambda text: text[:10])
async def test_a_very_long_value_is_refused_at_once(program: Program, text: str) -> None:
    async with program.client() as client:
        started = time.monotonic()
        answer = await client.post("/cart/items", json={"variant_id": text, "quantity": 1})
        assert_rejected(answer, 400)
        assert time.monotonic() - started < 1
        assert text[:100] not in answer.text


@pytest.mark.parametrize("query", ["x=1", "limit=0", "limit=" + "9" * 5_000, "cursor=forged"])
async def test_head_of_an_invalid_request_is_refused_like_get(program: Program, query: str) -> None:
    async with program.client() as client:
        read, head = await client.get(f"/products?{query}"), await client.head(f"/products?{query}")
        assert (head.status_code, head.headers["content-type"]) == (read.status_code, read.headers["content-type"])
        assert head.content == b""


async def test_a_large_file_is_accepted_in_any_spelling_of_its_media_type(shops: Shops) -> None:
    body = (
        b'--xx\r\nContent-Disposition: form-data; name="format"\r\n\r\nshopify_csv\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        b"Handle,Title\r\n" + b"\r\n" * (1 << 20) + b"\r\n--xx--\r\n"
    )
    for media_type in ("multipart/form-data", "Multipart/Form-Data", "MULTIPART/FORM-DATA"):
        headers = {"content-type": f"{media_type}; boundary=xx"}
        answer = await shops.ours.people["admin"].post(f"{shops.origin}/api/v1/imports", content=body, headers=headers)
        assert answer.status_code == 202, answer.text
