"""The pages in a real browser: their policy, their width on a phone, their updates, and trying an operation."""

import asyncio
import subprocess

import pytest
from playwright.async_api import Browser, Route, expect

from tests.pages.browsing import visit
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD, Program

COUNTS_OF_A_PURCHASE = ("carts", "orders_today", "paid_today")


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/errors"])
async def test_a_page_has_nothing_to_complain_of(program: Program, browser: Browser, path: str) -> None:
    page, complaints = await visit(browser, program.url + path)
    await page.wait_for_load_state("networkidle")
    assert complaints == []
    await page.close()


@pytest.mark.parametrize("path", ["/", "/docs/errors"])
async def test_a_page_fits_a_phone(program: Program, browser: Browser, path: str) -> None:
    page, _ = await visit(browser, program.url + path, width=360, height=740)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.close()


async def test_the_first_thing_that_a_person_sees_is_one_screen_with_pictures_of_the_demo(browser: Browser) -> None:
    with Program(processes=1).with_empty_folder() as fresh:
        page, _ = await visit(browser, f"{fresh.url}/")
        assert await page.evaluate("document.documentElement.scrollHeight") <= 900
        await expect(page.locator(".tiles img")).to_have_count(6)
        widths = await page.locator(".tiles img").evaluate_all("images => images.map((image) => image.naturalWidth)")
        assert all(width > 0 for width in widths)
        await page.close()


async def test_the_numbers_change_while_the_page_is_open(program: Program, browser: Browser) -> None:
    page, _ = await visit(browser, f"{program.url}/")
    counts = {name: page.locator(f'[data-shop="luxyhome"] [data-count="{name}"]') for name in COUNTS_OF_A_PURCHASE}
    before = {name: int((await count.inner_text()).replace(",", "")) for name, count in counts.items()}
    await asyncio.to_thread(subprocess.run, ["bash", "-euc", await page.locator("#commands").inner_text()], check=True)
    for name, count in counts.items():
        await expect(count).to_have_text(f"{before[name] + 1:,}")
    await page.close()


async def test_an_example_is_answered_on_the_page(program: Program, browser: Browser) -> None:
    page, _ = await visit(browser, f"{program.url}/")
    await page.locator('[data-shop="luxyhome"] .examples a').first.click()
    await expect(page.locator("#answer-status")).to_contain_text("200 in")
    await expect(page.locator("#answer-body")).to_contain_text('"next_cursor"')
    await page.keyboard.press("Escape")
    await expect(page.locator("#answer")).to_be_hidden()
    await page.close()


async def test_an_operation_can_be_tried_in_the_explorer(program: Program, browser: Browser) -> None:
    page, _ = await visit(browser, f"{program.url}/docs#/storefront/list_products")
    operation = page.locator("#operations-storefront-list_products")
    await operation.locator("button.execute").click()
    answered = operation.locator(".live-responses-table .response-col_status").nth(1)
    await expect(answered).to_have_text("200")
    await page.close()


async def test_a_person_signs_in_and_calls_an_operation_of_their_account(program: Program, browser: Browser) -> None:
    page, complaints = await visit(browser, f"{program.url}/docs#/identity/read_self")
    form = page.locator("[data-sign-in]")
    await form.get_by_label("E-mail").fill(ADMIN_EMAIL)
    await form.get_by_label("Password").fill("not the password")
    await form.get_by_role("button", name="Sign in").click()
    await expect(form.get_by_role("status")).to_contain_text("Not signed in:")
    assert complaints.pop().startswith("Failed to load resource: the server responded with a status of 401")
    await form.get_by_label("Password").fill(ADMIN_PASSWORD)
    await form.get_by_role("button", name="Sign in").click()
    await expect(form.get_by_role("status")).to_have_text(f"Signed in as {ADMIN_EMAIL} (super admin).")
    operation = page.locator("#operations-identity-read_self")
    await operation.locator("button.execute").click()
    answered = operation.locator(".live-responses-table .response-col_status").nth(1)
    await expect(answered).to_have_text("200")
    await form.get_by_role("button", name="Sign out").click()
    await operation.locator("button.execute").click()
    await expect(answered).to_contain_text("401")
    await page.close()


async def test_nobody_signs_in_before_the_explorer_can_use_the_token(program: Program, browser: Browser) -> None:
    page = await browser.new_page()
    requested, released = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        requested.set()
        await released.wait()
        await route.continue_()

    await page.route("**/openapi.json", hold)
    await page.goto(f"{program.url}/docs")
    await requested.wait()
    form = page.locator("[data-sign-in]")
    await expect(form).to_be_hidden()
    released.set()
    await expect(form).to_be_visible()
    await page.close()


async def test_the_explorer_requests_no_other_site(program: Program, browser: Browser) -> None:
    page = await browser.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    await page.goto(f"{program.url}/docs")
    await expect(page.locator(".opblock").first).to_be_visible()
    assert [url for url in requested if not url.startswith((program.url, "data:", "blob:"))] == []
    await page.close()


async def test_a_program_that_is_gone_is_noticed(program: Program, browser: Browser) -> None:
    page, _ = await visit(browser, f"{program.url}/")
    await page.context.set_offline(offline=True)
    await expect(page.get_by_role("status")).to_have_text("no response; trying again")
    await page.context.set_offline(offline=False)
    await expect(page.get_by_role("status")).to_have_text("")
    await page.close()
