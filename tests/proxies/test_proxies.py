"""The program in production behind each proxy of the guide: addresses, TLS, trailers, ambiguous lengths, files."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD, Program
from tests.proxies.servers import NAME, PROXIES, Proxy, free_port, started

CLAIMED = "203.0.113.66"
LARGEST_UPLOAD_BYTES = 64 << 20
CLIENTS_AFTER_AN_ATTACK = 10


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    """The port of a program in production that trusts the proxies of this machine."""
    port = free_port()
    with Program(
        LUXEWIN_ENV="production",
        LUXEWIN_PORT=str(port),
        LUXEWIN_PUBLIC_URL=f"https://{NAME}",
        LUXEWIN_TRUSTED_PROXIES="127.0.0.1/32",
    ).with_empty_folder():
        yield port


@dataclass(frozen=True, slots=True)
class Front:
    """A proxy that runs, by its port."""

    port: int

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Open a TLS connection to the proxy; its certificate is of this run."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=context, server_hostname=NAME, limit=1 << 20
        )
        try:
            yield reader, writer
        finally:
            writer.close()

    async def send(self, *parts: bytes) -> bytes:
        """Send bytes, and return all that comes until the connection ends or is silent for a second."""
        received = b""
        async with self.connection() as (reader, writer):
            for part in parts:
                writer.write(part)
                await writer.drain()
            try:
                while chunk := await asyncio.wait_for(reader.read(65_536), 1.0):
                    received += chunk
            except (TimeoutError, ConnectionResetError):
                pass
        return received

    def client(self) -> httpx2.AsyncClient:
        """Return a client of the API through the proxy."""
        return httpx2.AsyncClient(
            base_url=f"https://{NAME}/api/v1",
            transport=_ThisMachine(self.port),
            timeout=60,
        )


class _ThisMachine(httpx2.AsyncHTTPTransport):
    """Connects to a port of this machine whatever the name, which stays in the request and in the TLS handshake."""

    def __init__(self, port: int) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        super().__init__(verify=context)
        self._port = port

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.extensions["sni_hostname"] = NAME
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await super().handle_async_request(request)


@pytest.fixture(scope="module", params=PROXIES, ids=lambda proxy: proxy.name)
def front(request: pytest.FixtureRequest, upstream: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Each proxy in turn."""
    proxy: Proxy = request.param
    assert proxy.is_installed, f"{proxy.name} is not installed"
    with started(proxy, Path(tmp_path_factory.mktemp(proxy.name)), upstream=upstream) as port:
        yield Front(port)


def _request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {NAME}", *headers, "", ""]).encode() + body


async def _log_in(client: httpx2.AsyncClient, **headers: str) -> dict[str, Any]:
    answer = await client.post("/auth/login", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}, headers=headers)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


async def test_a_client_is_served_over_https(front: Front) -> None:
    async with front.client() as client:
        answer = await client.get("/products")
    assert answer.status_code == 200, answer.text
    assert answer.headers["strict-transport-security"].startswith("max-age=")


async def test_a_client_cannot_choose_its_address(front: Front) -> None:
    forged = {"X-Forwarded-For": CLAIMED, "Forwarded": f"for={CLAIMED}", "X-Real-IP": CLAIMED}
    async with front.client() as client:
        tokens = await _log_in(client, **forged)
        sessions = await client.get("/auth/sessions", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert {session["address"] for session in sessions.json()["data"]} == {"127.0.0.1"}


async def test_a_claim_of_plain_http_or_of_two_protocols_changes_nothing(front: Front) -> None:
    for claim in ("http", "https, http"):
        answer = await front.send(
            _request("GET", "/api/v1/products", f"X-Forwarded-Proto: {claim}", "Connection: close")
        )
        assert answer.startswith(b"HTTP/1.1 200"), answer[:300]


@pytest.mark.parametrize(
    "trailer", ["Authorization: Bearer x", f"X-Forwarded-For: {CLAIMED}", "X-Forwarded-Proto: http"]
)
async def test_a_trailer_is_no_header(front: Front, trailer: str) -> None:
    login = f'{{"email": "{ADMIN_EMAIL}", "password": "{ADMIN_PASSWORD}"}}'.encode()
    chunk = f"{len(login):x}\r\n".encode() + login + b"\r\n0\r\n" + trailer.encode() + b"\r\n\r\n"
    head = ("Content-Type: application/json", "Transfer-Encoding: chunked", "Trailer: X", "Connection: close")
    answer = await front.send(_request("POST", "/api/v1/auth/login", *head, body=chunk))
    assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400")), answer[:300]


@pytest.mark.parametrize(
    "ambiguous",
    [
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 4"),
        ("Transfer-Encoding: xchunked", "Content-Length: 4"),
        ("Transfer-Encoding : chunked", "Content-Length: 4"),
        ("Content-Length: 4", "Content-Length: 90"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    ],
    ids=" and ".join,
)
async def test_no_request_hides_in_the_body_of_another(front: Front, ambiguous: tuple[str, str]) -> None:
    """Proxy and program agree where a request ends, so that no other client receives the response to a hidden one."""
    hidden = _request("GET", "/api/v1/there-is-no-such-route", "X-Request-Id: hidden-request", "Content-Length: 0")
    head = _request("POST", "/api/v1/auth/logout", "Content-Type: application/json", *ambiguous)
    await front.send(head + b"0\r\n\r\n" + hidden)
    for _ in range(CLIENTS_AFTER_AN_ATTACK):
        following = await front.send(_request("GET", "/health/live", "Connection: close"))
        assert following.startswith(b"HTTP/1.1 200")
        assert b"hidden-request" not in following


@pytest.mark.parametrize("size", [LARGEST_UPLOAD_BYTES - 4_096, LARGEST_UPLOAD_BYTES + 4_096])
async def test_the_largest_file_passes_and_a_larger_one_is_refused(front: Front, size: int) -> None:
    async with front.client() as client:
        tokens = await _log_in(client)
        try:
            answer = await client.post(
                "/imports",
                headers={"Authorization": f"Bearer {tokens['access_token']}"},
                files={"file": ("products.csv", b"x" * size, "text/csv")},
            )
            status = answer.status_code
        except (httpx2.ReadError, httpx2.WriteError):
            status = 413  # a proxy may close the connection while the client is still sending
    assert status == (202 if size < LARGEST_UPLOAD_BYTES else 413)
