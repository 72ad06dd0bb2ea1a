"""The check of a draw in a real browser: it passes for valid data, and names the step that fails otherwise."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.modules.raffles.published import EXAMPLE
from tests.modules.raffles.published import published as needs_published
from tests.modules.raffles.published import read as read_published
from tests.pages.browsing import complaints_of, visit
from tests.pages.raffle_in_a_shop import SoldRaffle, raffle_in, until_it_is
from tests.program import Program

STEPS = ["rules", "receipt", "root", "beacon", "seed", "positions", "outcome", "signature"]


@pytest.fixture(scope="module")
async def raffle(program: Program) -> SoldRaffle:
    """A drawn raffle."""
    return await raffle_in(program, "drawn")


async def check(page: Page) -> dict[str, str]:
    """Press the button, wait for the verdict, and return the state of each step."""
    await page.locator("[data-run]").click()
    await expect(page.locator("[data-verdict]")).not_to_have_text("")
    states = await page.locator(".steps li").evaluate_all(
        "steps => steps.map((step) => [step.dataset.step, step.dataset.state])"
    )
    return dict(states)


async def test_every_step_passes_on_the_demos_first_draw(program: Program, browser: Browser) -> None:
    async with program.client(x_tenant="luxewin") as client:
        shown = (await client.get("/raffles")).json()["data"]
        first = next(one for one in shown if one["title"].startswith("The first draw"))
        await until_it_is(client, first["id"], "drawn")
    page, complaints = await visit(browser, f"{program.url}/raffles?tenant=luxewin")
    await page.get_by_role("link", name="The first draw").click()
    assert await check(page) == dict.fromkeys(STEPS, "passed")
    verdict = page.locator("[data-verdict]")
    await expect(verdict).to_contain_text("the operator of this shop has the key of the beacon")
    await expect(verdict).to_have_attribute("data-state", "unsure")
    await expect(page.locator('[data-step="beacon"] [data-detail]')).to_contain_text("which has the key itself")
    assert complaints == []
    await page.close()


class Tampering(NamedTuple):
    """A change of a response, the step of the check that fails, and a word of its message."""

    address: str
    change: Callable[[Any], None]
    step: str
    word: str


async def test_a_list_that_was_closed_can_be_checked_before_its_round(program: Program, browser: Browser) -> None:
    waiting = await raffle_in(program, "locked", draw_delay_seconds=3600)
    page, _ = await visit(browser, waiting.url)
    assert await check(page) == dict.fromkeys(STEPS[:3], "passed")
    ticket = waiting.tickets[0]
    await look_for(page, ticket["number"], ticket["salt"], waiting.account)
    await expect(page.locator("[data-found]")).to_contain_text("is yours")
    await page.close()


def flipped(digits: str) -> str:
    return ("1" if digits[0] == "0" else "0") + digits[1:]


def in_title(proof: Any) -> None:
    proof["rules"][-1]["title"] += "!"


def in_details(response: Any) -> None:
    response["details"]["claim_days"] += 1


def in_version_before(proof: Any) -> None:
    proof["rules"][0]["closes_at"] += 1


def in_receipt(response: Any) -> None:
    response["receipt"]["locked_at"] -= 1


def in_receipt_signature(response: Any) -> None:
    response["signature"] = flipped(response["signature"])


def in_commit(chunk: Any) -> None:
    chunk["commits"] = flipped(chunk["commits"])


def in_numbers(chunk: Any) -> None:
    chunk["numbers"][-1][1] -= 1
    chunk["commits"] = chunk["commits"][:-64]


def in_beacon(proof: Any) -> None:
    proof["beacon"]["signature"] = flipped(proof["beacon"]["signature"])


def in_relay(response: Any) -> None:
    response["signature"] = flipped(response["signature"])


def in_seed(proof: Any) -> None:
    proof["draw"]["seed"] = flipped(proof["draw"]["seed"])


def in_positions(proof: Any) -> None:
    first, second, *rest = proof["draw"]["positions"]
    proof["draw"]["positions"] = [second, first, *rest]


def in_winner(proof: Any) -> None:
    proof["outcome"]["winners"][0]["number"] = proof["outcome"]["winners"][0]["number"] % 10 + 1


def in_reserves(proof: Any) -> None:
    proof["outcome"]["reserves"].reverse()


def in_bundle_signature(proof: Any) -> None:
    proof["bundle_signature"] = flipped(proof["bundle_signature"])


@pytest.mark.parametrize(
    "tampering",
    [
        Tampering("**/proof?entries=false", in_title, "rules", "not those of the receipt"),
        Tampering("**/proof?entries=false", in_version_before, "rules", "does not follow from the one before"),
        Tampering("**/api/v1/raffles/*", in_details, "rules", "not what the rules name"),
        Tampering("**/receipt", in_receipt, "receipt", "not consistent"),
        Tampering("**/receipt", in_receipt_signature, "receipt", "signature does not verify"),
        Tampering("**/entries?*", in_commit, "root", "have another root (expected"),
        Tampering("**/entries?*", in_numbers, "root", "another number of entries (expected 10, found 9)"),
        Tampering("**/proof?entries=false", in_beacon, "beacon", "another signature (expected"),
        Tampering("**/round.json*", in_relay, "beacon", "another signature (expected"),
        Tampering("**/proof?entries=false", in_seed, "seed", "does not follow"),
        Tampering("**/proof?entries=false", in_positions, "positions", "do not follow"),
        Tampering("**/proof?entries=false", in_winner, "outcome", "not those that were drawn"),
        Tampering("**/proof?entries=false", in_reserves, "outcome", "not those that were drawn"),
        Tampering("**/proof?entries=false", in_bundle_signature, "signature", "does not verify"),
    ],
    ids=lambda tampering: tampering.change.__name__,
)
async def test_what_was_changed_on_the_way_fails_at_its_step(
    browser: Browser, raffle: SoldRaffle, tampering: Tampering
) -> None:
    page = await browser.new_page()

    async def changed(route: Route) -> None:
        answer = await route.fetch()
        response = await answer.json()
        tampering.change(response)
        await route.fulfill(response=answer, body=json.dumps(response))

    await page.route(tampering.address, changed)
    await page.goto(raffle.url)
    states = await check(page)
    at = STEPS.index(tampering.step)
    assert states == dict(zip(STEPS, ["passed"] * at + ["failed"] + ["pending"] * (7 - at), strict=True))
    await expect(page.locator(f'[data-step="{tampering.step}"] [data-detail]')).to_contain_text(tampering.word)
    title = await page.locator(f'[data-step="{tampering.step}"] strong').inner_text()
    await expect(page.locator("[data-verdict]")).to_have_text(f"This step failed: {title}.")
    await page.close()


async def test_another_winner_on_the_page_is_noticed(browser: Browser, raffle: SoldRaffle) -> None:
    page, _ = await visit(browser, raffle.url)
    await page.locator("[data-winner]").first.evaluate("winner => { winner.dataset.winner = '999'; }")
    assert (await check(page))["outcome"] == "failed"
    await expect(page.locator('[data-step="outcome"] [data-detail]')).to_contain_text("found 999")
    await page.close()


async def test_what_cannot_be_found_out_is_not_called_right(browser: Browser, raffle: SoldRaffle) -> None:
    page, _ = await visit(browser, raffle.url)
    await page.route("**/round.json*", lambda route: route.abort())
    assert await check(page) == {**dict.fromkeys(STEPS, "passed"), "beacon": "unsure"}
    await expect(page.locator("[data-verdict]")).to_contain_text("some steps could not be checked")
    await page.route("**/entries?*", lambda route: route.abort())
    states = await check(page)
    assert (states["root"], states["beacon"]) == ("unsure", "pending")
    await page.close()


@pytest.mark.parametrize("at_most", [1, 3])
async def test_entries_in_chunks_give_the_same_root(browser: Browser, raffle: SoldRaffle, at_most: int) -> None:
    page = await browser.new_page()
    asked: list[str] = []

    async def in_chunks(route: Route) -> None:
        asked.append(route.request.url)
        await route.continue_(url=re.sub(r"limit=\d+", f"limit={at_most}", route.request.url))

    await page.route("**/entries?*", in_chunks)
    await page.goto(raffle.url)
    assert await check(page) == dict.fromkeys(STEPS, "passed")
    assert len(asked) == -(-10 // at_most)
    await page.close()


async def look_for(page: Page, number: int, salt: str, account: str) -> None:
    await page.locator("[data-number]").fill(str(number))
    await page.locator("[data-salt]").fill(salt)
    await page.locator("[data-account]").fill(account)
    await page.locator("[data-own] button").click()


async def test_a_holder_finds_their_ticket_and_nobody_learns_its_salt(browser: Browser, raffle: SoldRaffle) -> None:
    page, complaints = await visit(browser, raffle.url)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    ticket, found = raffle.tickets[0], page.locator("[data-found]")
    await look_for(page, ticket["number"], ticket["salt"], raffle.account)
    position = ticket["number"]  # nothing was given back: positions follow the numbers
    await expect(found).to_have_text(
        f"Ticket {ticket['number']} is yours. It is at position {position} of 10 in the closed list."
    )
    assert sent != []
    assert [line for line in sent if ticket["salt"] in line or raffle.account in line] == []
    assert complaints == []
    await page.close()


async def test_another_salt_number_or_account_opens_no_ticket(browser: Browser, raffle: SoldRaffle) -> None:
    page, _ = await visit(browser, raffle.url)
    ticket, found = raffle.tickets[0], page.locator("[data-found]")
    for number, salt, account, word in (
        (ticket["number"], flipped(ticket["salt"]), raffle.account, "do not match the commitment of this ticket"),
        (ticket["number"] + 1, ticket["salt"], raffle.account, "do not match the commitment of this ticket"),
        (ticket["number"], ticket["salt"], raffle.id, "do not match the commitment of this ticket"),
        (4711, ticket["salt"], raffle.account, "not in the list"),
        (0, ticket["salt"], raffle.account, "Enter the number"),
        (ticket["number"], "salt", raffle.account, "Enter the number"),
    ):
        await look_for(page, number, salt, account)
        await expect(found).to_contain_text(word)
    await page.close()


async def test_a_path_that_was_changed_leads_nowhere(browser: Browser, raffle: SoldRaffle) -> None:
    page, _ = await visit(browser, raffle.url)
    ticket = raffle.tickets[0]

    async def changed(route: Route) -> None:
        answer = await route.fetch()
        response = await answer.json()
        response["path"][-1] = flipped(response["path"][-1])
        await route.fulfill(response=answer, body=json.dumps(response))

    await page.route("**/proof?ticket=*", changed)
    await look_for(page, ticket["number"], ticket["salt"], raffle.account)
    await expect(page.locator("[data-found]")).to_contain_text("does not lead to the receipt’s root")
    await page.close()


async def test_the_page_is_complete_without_javascript(browser: Browser, raffle: SoldRaffle) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(raffle.url)
    headings = ("Winners", "Prizes", "Odds", "Rules", "Receipt", "Entries", "Anchor", "What this check cannot prove")
    for heading in headings:
        await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    await expect(page.locator("[data-winner]").first).to_be_visible()
    await expect(page.get_by_text("The check in the browser needs JavaScript")).to_be_visible()
    await expect(page.locator("[data-offline]")).to_contain_text("verify_draw.py proof.json")
    await expect(page.locator("[data-run]")).to_be_hidden()
    await expect(page.locator("[data-own]")).to_be_hidden()
    await page.get_by_role("link", name="See all entries").click()
    await expect(page.locator("tbody tr")).to_have_count(10)
    await page.get_by_role("link", name="Back to the raffle").click()
    await page.get_by_role("link", name="All raffles").click()
    await expect(page.get_by_role("heading", name="Win the Oslo Lounge Chair").first).to_be_visible()
    await context.close()


SIZES = {"phone": (390, 844), "small-phone": (320, 640), "desktop": (1440, 900)}


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", SIZES)
async def test_a_page_fits_and_is_pictured(
    browser: Browser, raffle: SoldRaffle, tmp_path: Path, size: str, language: str
) -> None:
    width, height = SIZES[size]
    page = await browser.new_page(viewport={"width": width, "height": height})
    complaints = complaints_of(page)
    places = {
        "raffle": raffle.url,
        "entries": f"{raffle.url}/entries",
        "list": raffle.url.removesuffix(f"/{raffle.id}"),
    }
    for name, address in places.items():
        await page.goto(f"{address}?lang={language}")
        if name == "raffle":
            assert await check(page) == dict.fromkeys(STEPS, "passed")
            await page.locator("details").click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
        direction = await page.evaluate("getComputedStyle(document.body).direction")
        assert direction == {"en": "ltr", "ar": "rtl"}[language]
        await page.screenshot(path=tmp_path / f"{name}-{size}-{language}.png", full_page=True)
    assert complaints == []
    await page.close()


async def with_published_proof(page: Page, raffle: SoldRaffle, signature: str | None) -> None:
    """Open a raffle's page with the published proof in place of its own; relays return this signature of the round."""
    proof = read_published(EXAMPLE)
    entries = {**proof.pop("entries"), "next_after": None}
    canonical = json.dumps(proof["receipt"], sort_keys=True, separators=(",", ":")).encode()
    receipt = {
        "receipt": proof["receipt"],
        "receipt_hash": sha256(canonical).hexdigest(),
        "signature": proof["receipt_signature"],
    }

    async def serve_page(route: Route) -> None:
        answer = await route.fetch()
        text = (await answer.text()).replace(raffle.id, proof["raffle_id"])
        rules = f"<code data-rules>{escape(json.dumps(proof['rules'][-1]))}</code>"
        text = re.sub(r"<code data-rules>.*?</code>", lambda _: rules, text, flags=re.DOTALL)
        winners = iter(proof["outcome"]["winners"])
        text = re.sub(r'data-winner="\d+"', lambda _: f'data-winner="{next(winners)["number"]}"', text)
        await route.fulfill(response=answer, body=text)

    async def serve_proof(route: Route) -> None:
        what = route.request.url.rpartition(f"/{proof['raffle_id']}/")[2].partition("?")[0]
        answers = {"receipt": receipt, "entries": entries, "proof": proof}
        await route.fulfill(json=answers[what])

    async def serve_round(route: Route) -> None:
        if signature is None:
            await route.abort()
            return
        beacon_round = {"round": proof["beacon"]["round"], "signature": signature}
        await route.fulfill(json=beacon_round, headers={"access-control-allow-origin": "*"})

    await page.route(raffle.url, serve_page)
    await page.route("**/api/v1/raffles/**", serve_proof)
    await page.route(re.compile(r"https://.*/public/\d+"), serve_round)
    await page.goto(raffle.url)


@needs_published
@pytest.mark.parametrize(("relays", "state"), [("true", "passed"), ("other", "failed"), ("silent", "unsure")])
async def test_the_published_proof_is_accepted_and_its_round_compared_with_the_relays(
    browser: Browser, raffle: SoldRaffle, relays: str, state: str
) -> None:
    true = read_published(EXAMPLE)["beacon"]["signature"]
    page = await browser.new_page()
    await with_published_proof(page, raffle, {"true": true, "other": flipped(true), "silent": None}[relays])
    rest = "pending" if state == "failed" else "passed"
    before = dict.fromkeys(STEPS[:3], "passed")
    assert await check(page) == {**before, "beacon": state, **dict.fromkeys(STEPS[4:], rest)}
    await page.close()
