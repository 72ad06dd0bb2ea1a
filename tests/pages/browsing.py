"""The Chromium of the system, and its complaints about a page."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 60_000
"""The browser shares the processors with all other tests, and no test asserts a time."""


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Start the browser; without one CI fails, and other runs skip the tests that need it."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        assert "CI" not in os.environ, "Chromium is missing: apt-get install chromium"
        pytest.skip("Chromium is missing: apt-get install chromium")
    expect.set_options(timeout=_PATIENCE_MS)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        await running.close()


async def visit(browser: Browser, address: str, *, width: int = 1440, height: int = 900) -> tuple[Page, list[str]]:
    """Open a page, and return it with the list of the browser's complaints."""
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(_PATIENCE_MS)
    complaints = complaints_of(page)
    await page.goto(address)
    return page, complaints


def complaints_of(page: Page) -> list[str]:
    """Return the list that a page's errors will be added to."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints
