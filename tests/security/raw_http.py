"""Send raw requests, and assert what every error response has in common."""

import asyncio
from urllib.parse import unquote_plus

import httpx2

from tests.program import Program

PROBLEM = "application/problem+json"
LONGEST_ANSWER_SECONDS = 2.0


def assert_rejected(answer: httpx2.Response, *statuses: int, code: str | None = None) -> None:
    """Assert that a response is a problem document with the given status and code, and exposes nothing internal."""
    seen = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    assert answer.status_code in (statuses or range(400, 500)), seen
    assert answer.headers["content-type"] == PROBLEM, seen
    problem = answer.json()
    assert problem.keys() >= {"type", "title", "status", "detail", "code", "request_id"}, seen
    assert problem["status"] == answer.status_code, seen
    assert problem["request_id"] == answer.headers["x-request-id"], seen
    assert code is None or problem["code"] == code, seen
    assert_no_internal_error(answer)


def assert_no_internal_error(answer: httpx2.Response) -> None:
    """Assert that a response is no internal error and exposes nothing internal, except what the client itself sent."""
    seen = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    assert answer.status_code < 500, seen
    sent = _sent(answer.request)
    for inside in ("Traceback", "asyncpg", "site-packages", "SELECT ", "pydantic.dev", '.py"'):
        assert inside not in answer.text or inside in sent, seen


def _sent(request: httpx2.Request) -> str:
    """Return the URL and the body of a request; the client does not store a streamed body."""
    try:
        body = request.content.decode(errors="replace")
    except httpx2.RequestNotRead:
        body = ""
    return unquote_plus(str(request.url)) + body


async def send_raw(program: Program, request: bytes) -> bytes:
    """Send bytes and return the response, or what was received before the connection was closed."""
    url = httpx2.URL(program.url)
    assert url.port is not None
    reader, writer = await asyncio.open_connection(url.host, url.port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            return head + await _body(reader, head)
    except (ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError) as cut:
        return cut.partial if isinstance(cut, asyncio.IncompleteReadError) else b""
    finally:
        writer.close()


def status_of(answer: bytes) -> int:
    """Return the status of a raw response; a connection closed without one counts as 400."""
    return int(answer.split(b" ", 2)[1]) if answer else 400


def api_processes(program: Program) -> set[int]:
    """Return the process ids of the API processes."""
    return {process.pid for process in program.processes("api")}


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return await reader.readexactly(int(lengths[0].partition(b":")[2])) if lengths else b""
