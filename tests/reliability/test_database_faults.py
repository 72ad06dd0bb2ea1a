"""The behaviour of the program when the database or the network to it fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from tests.program import Program
from tests.reliability.harness import Harness, guest, order_body, send_until_served, until
from tests.reliability.proxy import FaultProxy
from tests.servers import TestServer, start_embedded

CLIENT_TIMEOUT_SECONDS = 25
CONCURRENT_WRITES = 60


@pytest.fixture(scope="module")
async def program_behind_proxy() -> AsyncIterator[tuple[Harness, FaultProxy]]:
    """The complete program with a fault proxy before its database; all invariants hold at the end."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(start_embedded(durable=True))
        proxy = FaultProxy(lambda: asyncio.open_unix_connection(socket_of(server)))
        port = await stack.enter_async_context(proxy.listening())
        program = Program(processes=1, LUXEWIN_DATABASE_URL=url_of(server, port))
        await asyncio.to_thread(program.__enter__)
        stack.push_async_callback(asyncio.to_thread, program.__exit__)
        harness = Harness(program)
        await harness.open()
        yield harness, proxy
        proxy.remove_faults()
        await harness.settle()
        await asyncio.to_thread(harness.check_invariants)
        await harness.close()


def socket_of(server: TestServer) -> str:
    return f"{server.address.host}/.s.PGSQL.{server.address.port}"


def url_of(server: TestServer, port: int) -> str:
    address = server.address
    password = quote(address.password or "", safe="")
    return f"postgresql://{address.user}:{password}@127.0.0.1:{port}/{address.database}"


@pytest.fixture
async def harness(program_behind_proxy: tuple[Harness, FaultProxy]) -> AsyncIterator[Harness]:
    """The program, ready before and after the test."""
    harness, proxy = program_behind_proxy
    yield harness
    proxy.remove_faults()
    await until(lambda: is_ready(harness))


@pytest.fixture
def proxy(program_behind_proxy: tuple[Harness, FaultProxy]) -> FaultProxy:
    """The proxy between the program and its database."""
    return program_behind_proxy[1]


async def is_ready(harness: Harness) -> bool:
    async with httpx2.AsyncClient(base_url=harness.program.url, timeout=CLIENT_TIMEOUT_SECONDS) as client:
        return (await client.get("/health/ready")).status_code == 200


async def orders_of(harness: Harness, tag: str) -> int:
    ((count,),) = await harness.rows("SELECT count(*) FROM orders_orders WHERE email = $1", f"{tag}@example.com")
    return int(count)


@pytest.mark.parametrize("forwarded", [True, False], ids=["after the server has received it", "before"])
async def test_a_reset_during_commit_and_a_repeated_request_have_one_effect(
    harness: Harness, proxy: FaultProxy, *, forwarded: bool
) -> None:
    tag = f"t{uuid4().hex[:12]}"
    product = await harness.create_product(tag, stock=3)
    body, headers = order_body(tag, "tok_visa"), {"idempotency-key": tag}
    async with guest(harness.program, product) as buyer:
        resets = proxy.resets
        proxy.reset_on(b"COMMIT\x00", forwarded=forwarded)
        answers = [await buyer.post("/orders", json=body, headers=headers)]
        assert proxy.resets > resets
        await harness.expire_leases()
        answers.append(await send_until_served(lambda: buyer.post("/orders", json=body, headers=headers)))
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert answers[-1].status_code == 201, answers[-1].text
    assert await orders_of(harness, tag) == 1
    assert (await harness.staff.get(f"/products/{product['id']}")).json()["stock"] == 2


async def test_requests_fail_fast_while_the_database_hangs_and_succeed_when_it_responds(
    harness: Harness, proxy: FaultProxy
) -> None:
    product = await harness.create_product(f"t{uuid4().hex[:12]}", stock=CONCURRENT_WRITES)
    proxy.black_hole = True
    async with httpx2.AsyncClient(base_url=harness.program.url, timeout=CLIENT_TIMEOUT_SECONDS) as client:
        writes = [
            harness.staff.patch(f"/products/{product['id']}", json={"name": f"{n}"}) for n in range(CONCURRENT_WRITES)
        ]
        answers = await asyncio.gather(*writes)
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
    assert proxy.most_connections <= 3 * (16 + 4 + 8 + 2)  # the pools of API, worker and relay, and their listeners
    proxy.remove_faults()
    await until(lambda: is_ready(harness))
    renamed = await send_until_served(lambda: harness.staff.patch(f"/products/{product['id']}", json={"name": "Back"}))
    assert renamed.status_code == 200, renamed.text


@pytest.mark.parametrize(("slice_bytes", "latency_seconds"), [(7, 0.0), (None, 0.02)], ids=["sliced", "slow"])
async def test_a_slow_or_sliced_connection_to_the_database_only_adds_latency(
    harness: Harness, proxy: FaultProxy, slice_bytes: int | None, latency_seconds: float
) -> None:
    tag = f"t{uuid4().hex[:12]}"
    product = await harness.create_product(tag, stock=1)
    proxy.slice_bytes, proxy.latency_seconds = slice_bytes, latency_seconds
    async with guest(harness.program, product) as buyer:
        ordered = await buyer.post("/orders", json=order_body(tag, "tok_visa"), headers={"idempotency-key": tag})
    assert (ordered.status_code, ordered.json()["status"]) == (201, "paid")


async def test_a_lost_response_is_returned_again_for_the_same_key(harness: Harness) -> None:
    host, _, port = harness.program.url.removeprefix("http://").partition(":")
    proxy = FaultProxy(lambda: asyncio.open_connection(host, int(port)))
    tag = f"t{uuid4().hex[:12]}"
    product = await harness.create_product(tag, stock=3)
    body, headers = order_body(tag, "tok_visa"), {"idempotency-key": tag}
    async with proxy.listening() as through, guest(harness.program, product) as buyer:
        buyer.base_url = httpx2.URL(f"http://127.0.0.1:{through}/api/v1/")
        proxy.reset_on(b'"payment"', forwarded=True)
        with pytest.raises(httpx2.TransportError):
            await buyer.post("/orders", json=body, headers=headers)
        repeated = await send_until_served(lambda: buyer.post("/orders", json=body, headers=headers))
        again = await buyer.post("/orders", json=body, headers=headers)
    assert repeated.status_code == 201, repeated.text
    assert again.content == repeated.content
    assert await orders_of(harness, tag) == 1


async def test_a_slow_client_is_served(harness: Harness) -> None:
    host, _, port = harness.program.url.removeprefix("http://").partition(":")
    proxy = FaultProxy(lambda: asyncio.open_connection(host, int(port)))
    proxy.slice_bytes, proxy.limit_bytes_per_second = 64, 20_000
    async with proxy.listening() as through, httpx2.AsyncClient(timeout=CLIENT_TIMEOUT_SECONDS) as client:
        answer = await client.get(f"http://127.0.0.1:{through}/api/v1/products")
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == 24
