"""What a database, or the network in front of it, may do to the program, and what the program then does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from tests.program import Program
from tests.reliability.lab import Lab, guest, order_body, persistent, until
from tests.reliability.proxy import FaultProxy
from tests.servers import TestServer, start_embedded

IMPATIENT_SECONDS = 25
CROWD = 60


@pytest.fixture(scope="module")
async def behind() -> AsyncIterator[tuple[Lab, FaultProxy]]:
    """The whole program with a fault proxy between it and its database; the laws hold at the end."""
    async with AsyncExitStack() as stack:
        server = stack.enter_context(start_embedded(durable=True))
        proxy = FaultProxy(lambda: asyncio.open_unix_connection(socket_of(server)))
        port = await stack.enter_async_context(proxy.listening())
        program = Program(processes=1, LUXEWIN_DATABASE_URL=url_of(server, port))
        await asyncio.to_thread(program.__enter__)
        stack.push_async_callback(asyncio.to_thread, program.__exit__)
        lab = Lab(program)
        await lab.open()
        yield lab, proxy
        proxy.heal()
        await lab.come_to_rest()
        await asyncio.to_thread(lab.must_be_lawful)
        await lab.close()


def socket_of(server: TestServer) -> str:
    return f"{server.address.host}/.s.PGSQL.{server.address.port}"


def url_of(server: TestServer, port: int) -> str:
    address = server.address
    password = quote(address.password or "", safe="")
    return f"postgresql://{address.user}:{password}@127.0.0.1:{port}/{address.database}"


@pytest.fixture
async def lab(behind: tuple[Lab, FaultProxy]) -> AsyncIterator[Lab]:
    """The program, healthy before the test and after it."""
    lab, proxy = behind
    yield lab
    proxy.heal()
    await until(lambda: is_ready(lab))


@pytest.fixture
def proxy(behind: tuple[Lab, FaultProxy]) -> FaultProxy:
    """What stands between the program and its database."""
    return behind[1]


async def is_ready(lab: Lab) -> bool:
    async with httpx2.AsyncClient(base_url=lab.program.url, timeout=IMPATIENT_SECONDS) as client:
        return (await client.get("/health/ready")).status_code == 200


async def orders_of(lab: Lab, tag: str) -> int:
    ((count,),) = await lab.rows("SELECT count(*) FROM orders_orders WHERE email = $1", f"{tag}@example.com")
    return int(count)


@pytest.mark.parametrize("passed_on", [True, False], ids=["after the server has got it", "before"])
async def test_a_reset_inside_commit_and_a_repeat_under_the_same_key_have_one_effect(
    lab: Lab, proxy: FaultProxy, *, passed_on: bool
) -> None:
    tag = f"t{uuid4().hex[:12]}"
    product = await lab.product(tag, stock=3)
    body, headers = order_body(tag, "tok_visa"), {"idempotency-key": tag}
    async with guest(lab.program, product) as buyer:
        resets = proxy.resets
        proxy.reset_on(b"COMMIT\x00", passed_on=passed_on)
        answers = [await buyer.post("/orders", json=body, headers=headers)]
        assert proxy.resets > resets
        await lab.end_leases()
        answers.append(await persistent(lambda: buyer.post("/orders", json=body, headers=headers)))
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert answers[-1].status_code == 201, answers[-1].text
    assert await orders_of(lab, tag) == 1
    assert (await lab.staff.get(f"/products/{product['id']}")).json()["stock"] == 2


async def test_a_silent_database_is_refused_at_once_and_served_at_once_when_it_is_back(
    lab: Lab, proxy: FaultProxy
) -> None:
    product = await lab.product(f"t{uuid4().hex[:12]}", stock=CROWD)
    proxy.black_hole = True
    async with httpx2.AsyncClient(base_url=lab.program.url, timeout=IMPATIENT_SECONDS) as client:
        writes = [lab.staff.patch(f"/products/{product['id']}", json={"name": f"{n}"}) for n in range(CROWD)]
        answers = await asyncio.gather(*writes)
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
        assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
    assert proxy.most_connections <= 3 * (16 + 4 + 8 + 2)  # the pools of API, worker and relay, and their listeners
    proxy.heal()
    await until(lambda: is_ready(lab))
    renamed = await persistent(lambda: lab.staff.patch(f"/products/{product['id']}", json={"name": "Back"}))
    assert renamed.status_code == 200, renamed.text


@pytest.mark.parametrize(("slice_bytes", "latency_seconds"), [(7, 0.0), (None, 0.02)], ids=["sliced", "slow"])
async def test_a_bad_line_to_the_database_changes_nothing_but_the_time(
    lab: Lab, proxy: FaultProxy, slice_bytes: int | None, latency_seconds: float
) -> None:
    tag = f"t{uuid4().hex[:12]}"
    product = await lab.product(tag, stock=1)
    proxy.slice_bytes, proxy.latency_seconds = slice_bytes, latency_seconds
    async with guest(lab.program, product) as buyer:
        ordered = await buyer.post("/orders", json=order_body(tag, "tok_visa"), headers={"idempotency-key": tag})
    assert (ordered.status_code, ordered.json()["status"]) == (201, "paid")


async def test_an_answer_that_is_lost_between_us_and_the_client_is_given_again(lab: Lab) -> None:
    host, _, port = lab.program.url.removeprefix("http://").partition(":")
    proxy = FaultProxy(lambda: asyncio.open_connection(host, int(port)))
    tag = f"t{uuid4().hex[:12]}"
    product = await lab.product(tag, stock=3)
    body, headers = order_body(tag, "tok_visa"), {"idempotency-key": tag}
    async with proxy.listening() as through, guest(lab.program, product) as buyer:
        buyer.base_url = httpx2.URL(f"http://127.0.0.1:{through}/api/v1/")
        proxy.reset_on(b'"payment"', passed_on=True)
        with pytest.raises(httpx2.TransportError):
            await buyer.post("/orders", json=body, headers=headers)
        repeated = await persistent(lambda: buyer.post("/orders", json=body, headers=headers))
        again = await buyer.post("/orders", json=body, headers=headers)
    assert repeated.status_code == 201, repeated.text
    assert again.content == repeated.content
    assert await orders_of(lab, tag) == 1


async def test_a_client_that_trickles_is_served_like_any_other(lab: Lab) -> None:
    host, _, port = lab.program.url.removeprefix("http://").partition(":")
    proxy = FaultProxy(lambda: asyncio.open_connection(host, int(port)))
    proxy.slice_bytes, proxy.limit_bytes_per_second = 64, 20_000
    async with proxy.listening() as through, httpx2.AsyncClient(timeout=IMPATIENT_SECONDS) as client:
        answer = await client.get(f"http://127.0.0.1:{through}/api/v1/products")
    assert answer.status_code == 200
    assert len(answer.json()["data"]) == 24
