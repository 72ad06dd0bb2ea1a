"""A front end on another address, in a real browser: plain `fetch`, no proxy, with the script of the documentation."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.architecture.tree import ROOT
from tests.pages.browsing import complaints_of, open_browser
from tests.program import Program

GUIDE = ROOT / "docs" / "api" / "browser.md"
API = "http://127.0.0.1:8000"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with open_browser() as running:
        yield running


def script_of(guide: Path) -> str:
    """Return the JavaScript of a document."""
    return guide.read_text().partition("```js\n")[2].partition("```")[0]


async def serve_page(content: str) -> asyncio.Server:
    """Serve one page on a free port, as a development server does."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = content.encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_page_of_another_port_browses_fills_a_cart_and_orders(
    program: Program, browser: Browser, host: str
) -> None:
    script = script_of(GUIDE).replace(API, program.url)
    assert program.url in script
    shown = "document.querySelector('h1').textContent = `${read.number}: ${read.status}`;"
    page_server = await serve_page(
        f"<!doctype html><link rel='icon' href='data:,'><h1></h1><script type='module'>{script}{shown}</script>"
    )
    async with page_server:
        port = page_server.sockets[0].getsockname()[1]
        page = await browser.new_page()
        complaints = complaints_of(page)
        await page.goto(f"http://{host}:{port}/")
        await expect(page.locator("h1")).to_contain_text(": paid")
        assert complaints == []
        await page.close()
