"""Addresses of the raffle pages: unknown shops, the default address, the verifier, and addresses without a page."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from luxewin.kit.database import Database
from luxewin.pages.raffles.verifier import verifier_file
from tests.pages.conftest import Site
from tests.pages.markup import Markup
from tests.program import Program

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_an_unknown_shop_is_called_an_unknown_shop(database: Database, app: FastAPI) -> None:
    page = await Site.of(database, app).get("/raffles?tenant=nowhere")
    assert page.status_code == 404
    assert "There is no shop with this name" in Markup.of(page.text).text


async def test_the_default_address_leads_to_the_shops_that_have_raffles() -> None:
    with Program() as untouched:  # other tests add raffles to the default shop of the shared program
        async with httpx2.AsyncClient(base_url=untouched.url) as client:
            default = await client.get("/raffles")
            named = await client.get("/raffles?tenant=luxyhome")
    assert "/raffles?tenant=luxewin" in Markup.of(default.text).addresses
    assert "/raffles?tenant=luxewin" not in Markup.of(named.text).addresses


async def test_the_verifier_can_be_downloaded_and_needs_nothing_else(
    away: Database, app: FastAPI, tmp_path: Path
) -> None:
    file = await Site.of(away, app).get("/raffles/verify_draw.py")
    assert file.headers["content-disposition"] == 'attachment; filename="verify_draw.py"'
    assert file.content == verifier_file().read_bytes()
    copy = tmp_path / "verify_draw.py"
    copy.write_bytes(file.content)
    helped = await asyncio.create_subprocess_exec(
        "python3", "-I", str(copy), "--help", stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    output, _ = await helped.communicate()
    assert (helped.returncode, b"proof" in output) == (0, True)


@pytest.mark.parametrize("path", ["/nothing", "/nothing/at/all", "/docs/"])
async def test_a_browser_gets_a_page_and_a_program_a_problem_document(program: Program, path: str) -> None:
    async with httpx2.AsyncClient(base_url=program.url) as client:
        shown = await client.get(path, headers=BROWSER)
        told = await client.get(path)
        written = await client.post(path, headers=BROWSER)
    assert (shown.status_code, shown.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no page at this address" in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    for answer in (told, written):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code in {404, 405}


async def test_the_api_answers_with_problem_documents_also_to_browsers(program: Program) -> None:
    async with httpx2.AsyncClient(base_url=program.url) as client:
        answer = await client.get("/api/v1/nothing", headers=BROWSER)
        keys = await client.get("/.well-known/jwks.json", headers=BROWSER)
    assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert "keys" in keys.json()
