"""What the whole program tells of itself: its metrics, its traces, its failures; and what it never tells."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2

from tests.e2e.shop import ADDRESS, order
from tests.observability.conftest import Watched
from tests.observability.exposed import documented, scrape, until
from tests.observability.owner import owner_of, without_table
from tests.observability.receivers import SURELY_THERE_SECONDS, Received, Told, spans_in
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD, Program

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SERVER = 2  # SpanKind.SPAN_KIND_SERVER
BUYER, CARD, PASSWORD = "ada.byron@example.com", "4242 4242 4242 4242", "hunter2-of-ada"
PLANTED = {
    "of a request": [BUYER, ADDRESS["line1"], ADDRESS["name"], "tok_visa"],
    "of an exception": [BUYER, CARD, PASSWORD, "eyJhbGciOiJFZERTQSJ9", "sk_live_51abcdefghijklmnopqrstuv"],
}


async def product_in(client: httpx2.AsyncClient) -> dict[str, Any]:
    found = (await client.get("/products", params={"limit": 1, "in_stock": "true"})).json()["data"]
    return dict(found[0])


async def put_into_cart(client: httpx2.AsyncClient) -> httpx2.Response:
    product = await product_in(client)
    variant = next(variant for variant in product["variants"] if variant["in_stock"])
    return await client.post("/cart/items", json={"variant_id": variant["id"], "quantity": 1})


async def buy(program: Program, **headers: str) -> httpx2.AsyncClient:
    """Order and pay something as a guest, and return the guest."""
    guest = program.client(**headers)
    added = await put_into_cart(guest)
    assert added.status_code == 201, added.text
    guest.headers["x-cart-token"] = added.headers["x-cart-token"]
    bought = await order(guest, email=BUYER)
    assert (bought.status_code, bought.json()["status"]) == (201, "paid"), bought.text
    return guest


async def test_exactly_the_exposed_metrics_are_documented(watched: Watched) -> None:
    program = watched.program
    await (await buy(program)).aclose()
    async with aclosing(await program.admin()) as admin:
        price = {"amount": 100, "currency": "USD"}
        made = await admin.post("/products", json={"name": "A stool", "price": price, "stock": 1})
        sold_out = await admin.post("/cart/items", json={"product_id": made.json()["id"], "quantity": 2})
        assert sold_out.json()["code"] == "inventory.sold_out"
        refused = await admin.post("/auth/login", json={"email": ADMIN_EMAIL, "password": "not this one"})
        assert refused.status_code == 401
        file = {"file": ("stools.csv", b"Handle,Title,Variant Price\nstool,Stool,10.00\n", "text/csv")}
        assert (await admin.post("/imports", files=file)).status_code == 202
        assert (await admin.get(f"/nowhere/{uuid4()}")).status_code == 404
    seen = await until(
        program,
        lambda seen: (
            seen.total("luxewin_imports_total") > 0
            and seen.total("luxewin_event_amount_minor_total", type="orders.order_paid") > 0
            and seen.shapes.keys() >= documented().keys()
        ),
    )
    assert seen.shapes == documented()
    assert seen.total("luxewin_refusals_total", code="inventory.sold_out") == 1
    assert seen.total("luxewin_refusals_total", code="identity.invalid_credentials") == 1
    assert seen.total("luxewin_events_published_total", type="orders.order_placed") >= 1
    assert seen.total("luxewin_gateway_call_seconds_count", operation="charge", outcome="captured") >= 1
    assert seen.total("luxewin_processes") == 4
    assert seen.total("luxewin_invariant_broken") == 0


async def test_a_route_is_counted_under_its_template_however_it_is_answered(watched: Watched) -> None:
    async with watched.program.client() as guest:
        product = await product_in(guest)
        for path in (f"/products/{product['slug']}", "/products/none", f"/orders/{uuid4()}", f"/invented/{uuid4()}"):
            await guest.get(path)
        await guest.request("BREW", f"/invented/{uuid4()}")
    seen = await scrape(watched.program)
    routes = seen.labels_of("luxewin_http_requests_total", "route")
    assert {"/api/v1/products", "/api/v1/products/{product}", "/api/v1/orders/{order_id}", "unmatched"} <= routes
    assert not [route for route in routes if "invented" in route or product["slug"] in route]
    assert "BREW" not in seen.labels_of("luxewin_http_requests_total", "method")


async def test_counters_of_a_killed_process_stay_and_its_gauges_are_deleted(watched: Watched) -> None:
    program = watched.program
    api = program.processes("api")[0]
    files = Path(api.environ()["PROMETHEUS_MULTIPROC_DIR"])
    before = await scrape(program)
    api.kill()
    await asyncio.to_thread(until_buried, files, api.pid)
    size = before.total("luxewin_database_pool_size")
    after = await until(program, lambda seen: seen.total("luxewin_database_pool_size") == size)
    assert after.total("luxewin_database_pool_size") == size
    assert after.total("luxewin_processes", role="api") == 2
    for counted in ("luxewin_http_requests_total", "luxewin_database_pool_wait_seconds_count"):
        assert after.total(counted) >= before.total(counted) > 0


def until_buried(files: Path, pid: int) -> None:
    """Wait until a process has no files of metrics any more."""
    give_up_at = time.monotonic() + SURELY_THERE_SECONDS
    while list(files.glob(f"*_{pid}.db")):
        assert time.monotonic() < give_up_at, "they stay"
        time.sleep(0.05)


async def test_an_order_is_one_trace_from_the_request_to_the_gateway(watched: Watched) -> None:
    request_id = uuid4().hex
    guest = await buy(watched.program, traceparent=f"00-{TRACE}-{PARENT}-01", x_request_id=request_id)
    trace = await watched.collector.until(complete_trace)
    by_id = {told.span.span_id: told for told in trace}
    (ordered,) = [told for told in trace if told.span.name == "POST /api/v1/orders"]
    assert (ordered.service, ordered.span.kind) == ("luxewin-api", SERVER)
    assert ordered.span.parent_span_id.hex() == PARENT
    assert ordered.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/v1/orders",
        "http.response.status_code": 201,
        "luxewin.tenant": "luxyhome",
        "luxewin.request_id": request_id,
    }
    (charged,) = [told for told in trace if told.span.name == "simulator charge"]
    assert by_id[charged.span.parent_span_id] is ordered
    assert charged.attributes["luxewin.outcome"] == "captured"
    (wrote, *_) = [told for told in trace if told.span.name == "write"]
    assert by_id[wrote.span.parent_span_id].span.name == "transaction"
    sent = b"".join(received.body for received in watched.collector.received)
    secrets = [*PLANTED["of a request"], guest.headers["x-cart-token"], ADMIN_PASSWORD, ADMIN_EMAIL]
    assert [secret for secret in secrets if secret.encode() in sent] == []
    await guest.aclose()


def complete_trace(received: list[Received]) -> list[Told] | None:
    """Return the spans of the trace, once the request that ends it is among them."""
    trace = [told for told in spans_in(received) if told.span.trace_id.hex() == TRACE]
    return trace if any(told.span.name == "POST /api/v1/orders" for told in trace) else None


async def test_the_relay_and_the_worker_have_traces_of_their_own(watched: Watched) -> None:
    def named(received: list[Received]) -> set[tuple[str, str]] | None:
        found = {(told.service, told.span.name) for told in spans_in(received) if not told.span.parent_span_id}
        return found if {("luxewin-relay", "publish"), ("luxewin-worker", "prove invariants")} <= found else None

    found = await watched.collector.until(named)
    assert ("luxewin-relay", "transaction of the system") not in found, "nobody asked for it"


@asynccontextmanager
async def carts_fail(program: Program) -> AsyncIterator[None]:
    """Let everything that is put into a cart fail, with a message that quotes secrets."""
    message = (
        f"{BUYER} paid with {CARD}, password={PASSWORD}, Bearer {PLANTED['of an exception'][3]}.e30.c2ln and "
        + (PLANTED["of an exception"][4])
    )
    async with owner_of(program) as owner:
        await owner.execute(
            f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{message}'; END $$;"
            " CREATE TRIGGER fail BEFORE INSERT ON cart_items FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        try:
            yield
        finally:
            await owner.execute("DROP TRIGGER fail ON cart_items; DROP FUNCTION fail()")


def events_in(received: list[Received]) -> list[dict[str, Any]]:
    """Return the events in the envelopes that were received."""
    events = []
    for one in received:
        lines = one.body.split(b"\n")
        for header, body in zip(lines[1::2], lines[2::2], strict=False):
            if json.loads(header).get("type") == "event":
                events.append(json.loads(body))
    return events


async def event_with(watched: Watched, **tags: str) -> dict[str, Any]:
    """Wait for an event with these tags."""
    return await watched.tracker.until(
        lambda received: next((event for event in events_in(received) if tags.items() <= event["tags"].items()), None)
    )


async def test_an_error_report_holds_nothing_that_was_sent(watched: Watched) -> None:
    request_id = str(uuid4())
    program = watched.program
    async with carts_fail(program), aclosing(await program.admin(x_request_id=request_id)) as admin:
        answer = await put_into_cart(admin)
        token = admin.headers["authorization"].removeprefix("Bearer ")
    assert answer.status_code == 500
    assert answer.json()["request_id"] == request_id
    event = await event_with(watched, request_id=request_id)
    assert (event["tags"]["route"], event["tags"]["tenant"]) == ("/api/v1/cart/items", "luxyhome")
    assert event["tags"]["process"] == "api"
    assert event["exception"]["values"][-1]["type"] == "RaiseError"
    assert not {"request", "user", "extra", "breadcrumbs"} & event.keys()
    sent = b"".join(received.body for received in watched.tracker.received).decode()
    secrets = [*PLANTED["of an exception"], token, ADMIN_PASSWORD, ADMIN_EMAIL]
    assert [secret for secret in secrets if secret in sent] == []
    entry = await logged(program, request_id)
    assert (len(entry["trace_id"]), len(entry["span_id"])) == (32, 16)


async def logged(program: Program, request_id: str) -> dict[str, Any]:
    """Wait for the log entry of a failed request."""
    async with asyncio.timeout(SURELY_THERE_SECONDS):
        while True:
            for line in program.output.splitlines():
                text = line.partition("│ ")[2]
                if request_id in text:
                    return dict(json.loads(text))
            await asyncio.sleep(0.05)


async def test_errors_of_the_worker_and_of_the_relay_are_reported_with_their_job(watched: Watched) -> None:
    async with without_table(watched.program, "catalog_imports"):
        assert (await event_with(watched, job="import"))["tags"]["process"] == "worker"
    async with without_table(watched.program, "kit_audit"):
        assert (await event_with(watched, job="seal"))["tags"]["process"] == "relay"
    failed = await scrape(watched.program)
    assert failed.total("luxewin_job_failures_total", job_name="import") > 0
    assert failed.total("luxewin_job_failures_total", job_name="seal") > 0
