"""The public page of a raffle in each of its states: its contents, its language, and what it keeps private."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.access import SYSTEM
from luxewin.kit.http.pages import Pages
from luxewin.kit.ids import new_id
from luxewin.kit.settings import Settings
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.public import Directory
from luxewin.pages.raffles.pages import RafflePages
from tests.pages.markup import Markup
from tests.workflows.market import BEACONS, Market
from tests.workflows.raffles.scenario import (
    buy_tickets,
    customers,
    draft_raffle,
    draw_raffle,
    expect,
    lock_raffle,
    publish_raffle,
    read_public,
    set_clock,
    ticket_numbers,
)
from tests.workflows.raffles.test_rescheduling import reschedule

GetPage = Callable[..., Any]


@pytest.fixture
def get_page(market: Market) -> GetPage:
    """Request a page of the shop's raffles, without a cache."""

    async def request_page(path: str, **headers: str) -> httpx2.Response:
        answer: httpx2.Response = await pages_of(market)(path, **headers)
        return answer

    return request_page


def pages_of(market: Market, **environment: str) -> GetPage:
    """Return a function that requests the shop's pages, with these settings."""
    settings = Settings.load({"LUXEWIN_DEFAULT_TENANT": market.tenant.slug, **environment}, SETTINGS_EXTENSIONS)
    raffles = RafflePages(market.database, Directory(market.database), beacons=BEACONS, settings=settings)
    pages = Pages({"/raffles": raffles.page, "/raffles/*": raffles.page})

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        page = pages.at(scope)
        assert page is not None, f"nothing is mounted at {scope['path']}"
        await (await page(scope))(scope, receive, send)

    async def request_page(path: str, **headers: str) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=serve)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return request_page


async def page_of(get_page: GetPage, raffle: dict[str, Any], query: str = "") -> str:
    answer = await get_page(f"/raffles/{raffle['id']}{query}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


async def state_of(get_page: GetPage, raffle: dict[str, Any]) -> str:
    found = re.search(r'<strong data-state="(\w+)">', await page_of(get_page, raffle))
    assert found is not None
    return found[1]


async def set_registry_clock(market: Market, **ahead: float) -> None:
    """Set the tenant's clock ahead, also in the registry, from which the pages read it."""
    set_clock(market, **ahead)
    seconds = int(market.tenant.clock_offset.total_seconds())
    await market.as_owner(
        "UPDATE tenants_registry SET clock_offset_seconds = $2 WHERE id = $1", market.tenant.id, seconds
    )


async def test_the_page_of_an_open_raffle_shows_its_terms_and_odds(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market, minimum_age=18, territories=["GB", "IE"], free_entry=True)
    expect(await market.buyer.request("PUT", "/play", {"born_on": "1990-12-10", "territory": "GB"}), 200)
    await buy_tickets(market.buyer, raffle, 3)
    text = Markup.of(await page_of(get_page, raffle)).text
    for word in ("Win the chair", "Open", "$5.00", "3 of 10", "Chair", "$649.00", "Lamp", "1 in 2", "1 in 5", "GB, IE"):
        assert word in text, word
    assert raffle["rules_hash"] in text
    assert str(raffle["draw"]["round"]) in text
    assert "The check is available when the list is closed" in text


async def test_the_page_of_a_rescheduled_raffle_shows_the_earlier_rules(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    later = expect(await reschedule(market, raffle, hours=1), 200)
    page = await page_of(get_page, raffle)
    assert "Postponed; original closing time" in page
    for one in (raffle, later):
        assert datetime.fromisoformat(one["closes_at"]).strftime("%Y-%m-%dT%H:%M:%SZ") in page
    assert "SHA-256 of the earlier rules, version 1" in page
    assert page.index(later["rules_hash"]) < page.index(raffle["rules_hash"])


async def test_the_page_shows_each_state(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    assert await state_of(get_page, raffle) == "open"
    await set_registry_clock(market, hours=1, seconds=30)
    assert await state_of(get_page, raffle) == "closing"
    await lock_raffle(market, raffle)
    assert await state_of(get_page, raffle) == "locked"
    await draw_raffle(market, raffle)
    assert await state_of(get_page, raffle) == "drawn"
    for status in ("anchored", "void", "settled"):
        await market.as_owner("UPDATE raffles_raffles SET status = $2 WHERE id = $1", raffle["id"], status)
        assert await state_of(get_page, raffle) == status
    await market.as_owner("UPDATE raffles_raffles SET status = 'drawn' WHERE id = $1", raffle["id"])


async def test_a_locked_raffle_shows_its_receipt_and_entries_and_no_winner(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    mine = await buy_tickets(market.buyer, raffle, 2)
    await lock_raffle(market, raffle)
    page = await page_of(get_page, raffle)
    receipt = await read_public(market, raffle, "receipt")
    for value in (receipt["receipt_hash"], receipt["signature"], receipt["receipt"]["merkle_root"]):
        assert value in page
    assert re.findall(r'data-step="(\w+)"', page) == ["rules", "receipt", "root"]
    assert "data-winner" not in page
    listed = (await get_page(f"/raffles/{raffle['id']}/entries")).text
    assert [ticket["commit"] in listed for ticket in mine["tickets"]] == [True, True]


async def test_a_drawn_raffle_shows_who_won_and_how_to_check_it(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    for person in customers(market, 3):
        await buy_tickets(person, raffle, 2)
    await draw_raffle(market, raffle)
    page = await page_of(get_page, raffle)
    winners = (await read_public(market, raffle, "winners"))["data"]
    assert re.findall(r'data-winner="(\d+)"', page) == [str(one["number"]) for one in winners if one["prize"]]
    assert f"next prize that is not claimed: {winners[-1]['number']}" in Markup.of(page).text
    steps = ["rules", "receipt", "root", "beacon", "seed", "positions", "outcome", "signature"]
    assert re.findall(r'data-step="(\w+)"', page) == steps
    assert f"X-Tenant: {market.tenant.slug}" in Markup.of(page).text


async def test_the_page_shows_a_prize_that_was_not_awarded(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 1)
    await draw_raffle(market, raffle)
    assert "Lamp not awarded" in Markup.of(await page_of(get_page, raffle)).text


async def test_a_cancelled_raffle_offers_no_check_and_no_draw(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    expect(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "broken"}), 200)
    page = await page_of(get_page, raffle)
    assert "gets a refund" in page
    assert "data-step" not in page
    assert "Draw<" not in page


async def test_the_page_shows_a_promised_anchor(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    assert "not anchored on a blockchain" in await page_of(get_page, raffle)
    contract, sender = "ab" * 20, "cd" * 20
    anchor = f'{{"chain_id": 8453, "contract": "{contract}", "sender": "{sender}", "margin_seconds": 60}}'
    changed = "jsonb_set(document::jsonb, '{anchor}', $2::text::jsonb)::text"
    change = f"UPDATE raffles_rules SET document = {changed} WHERE raffle_id = $1"
    await market.as_owner(change, raffle["id"], anchor)
    text = Markup.of(await page_of(get_page, raffle)).text
    await market.as_owner(change, raffle["id"], "null")
    assert f"anchored on chain 8453, in the contract 0x{contract}" in text


async def test_nothing_private_is_on_any_page(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market, skill_question={"question": "What is 6 × 7?", "answer": "forty-two"})
    mine = await buy_tickets(market.buyer, raffle, 2, skill_answer="forty-two")
    await draw_raffle(market, raffle)
    paths = (f"/raffles/{raffle['id']}", f"/raffles/{raffle['id']}/entries", "/raffles")
    pages = [(await get_page(path)).text for path in paths]
    secrets = [mine["id"], mine["order_id"], str(market.buyer.principal.user_id), "forty-two"]
    secrets += [ticket["salt"] for ticket in mine["tickets"]]
    assert [(secret, page[:40]) for secret in secrets for page in pages if secret in page] == []


async def test_a_missing_or_unpublished_raffle_is_not_found(market: Market, get_page: GetPage) -> None:
    draft = await draft_raffle(market, title="Not to be seen yet")
    raffle = await publish_raffle(market)
    for path in (f"/{draft['id']}", f"/{uuid4()}", "/nothing", f"/{raffle['id']}/entries", f"/{raffle['id']}/more"):
        answer = await get_page(f"/raffles{path}")
        assert (answer.status_code, "This raffle does not exist" in answer.text) == (404, True), path
    assert draft["title"] not in (await get_page("/raffles")).text


async def test_the_list_of_raffles_is_paginated(
    market: Market, get_page: GetPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    raffles = [await publish_raffle(market, title=f"Raffle {number}") for number in range(3)]
    monkeypatch.setattr("luxewin.pages.raffles.pages._RAFFLES_PER_PAGE", 2)
    first = (await get_page("/raffles")).text
    assert [raffle["id"] in first for raffle in raffles] == [False, True, True]
    older = re.search(r'href="([^"]+)">Older', first)
    assert older is not None
    second = (await get_page(older[1])).text
    assert [f"/raffles/{raffle['id']}" in second for raffle in raffles] == [True, False, False]
    assert "Older" not in second


async def test_entries_are_paginated(market: Market, get_page: GetPage, monkeypatch: pytest.MonkeyPatch) -> None:
    raffle = await publish_raffle(market)
    mine = await buy_tickets(market.buyer, raffle, 3)
    await lock_raffle(market, raffle)
    monkeypatch.setattr("luxewin.pages.raffles.pages._ENTRIES_PER_PAGE", 2)
    first = (await get_page(f"/raffles/{raffle['id']}/entries?lang=ar")).text
    assert re.findall(r"<td>(\d+)</td>", first) == [str(number) for number in ticket_numbers(mine)[:2]]
    more = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert more is not None
    second = (await get_page(more[1].replace("&amp;", "&"))).text
    assert re.findall(r"<td>(\d+)</td>", second) == [str(ticket_numbers(mine)[2])]
    assert 'dir="rtl"' in second


@pytest.mark.parametrize(
    ("query", "accepted", "locale", "language"),
    [
        ("", "", "en", "en"),
        ("", "", "ar-EG", "ar"),
        ("", "de, ar;q=0.8, en;q=0.5", "en", "ar"),
        ("", "en-GB,ar;q=0.9", "ar", "en"),
        ("", "ar;q=0, de;q=x", "en", "en"),
        ("?lang=ar", "en", "en", "ar"),
        ("?lang=xx", "en", "ar", "en"),
    ],
)
async def test_a_page_is_rendered_in_the_visitors_language(
    market: Market, query: str, accepted: str, locale: str, language: str
) -> None:
    raffle = await publish_raffle(market)
    await market.as_owner("UPDATE tenants_registry SET locale = $2 WHERE id = $1", market.tenant.id, locale)
    answer = await pages_of(market)(f"/raffles/{raffle['id']}{query}", accept_language=accepted)
    direction = {"en": "ltr", "ar": "rtl"}[language]
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert "Accept-Language" in answer.headers["vary"]


async def test_the_page_belongs_to_the_shop_of_the_host(market: Market) -> None:
    raffle, domain = await publish_raffle(market), f"{market.tenant.slug}.example.com"
    elsewhere = pages_of(market, LUXEWIN_DEFAULT_TENANT="nobody")
    path = f"/raffles/{raffle['id']}"
    assert (await elsewhere(path)).status_code == 404
    assert (await elsewhere(f"{path}?tenant={market.tenant.slug}")).status_code == 200
    assert (await elsewhere(path, x_tenant=market.tenant.slug)).status_code == 200
    insert = "INSERT INTO tenants_domains (tenant, domain) VALUES ($1, $2)"
    await market.as_owner(insert, market.tenant.id, domain)
    elsewhere = pages_of(market, LUXEWIN_DEFAULT_TENANT="nobody")
    assert (await elsewhere(path, host=f"{domain}:8000")).status_code == 200
    other = Tenancy(id=new_id(), slug=f"other-{new_id().hex}", currency="USD")
    async with market.database.begin(other, SYSTEM) as tx:
        await tenants.create(tx, id=other.id, slug=other.slug, name="Other", currency=other.currency)
    elsewhere = pages_of(market, LUXEWIN_DEFAULT_TENANT="nobody")
    assert (await elsewhere(f"/raffles?tenant={other.slug}")).status_code == 200
    assert (await elsewhere(f"/raffles?tenant={other.slug}", host=domain)).status_code == 404


async def test_a_page_is_cached_and_answered_with_304_if_unchanged(market: Market) -> None:
    raffle = await publish_raffle(market)
    site, path = pages_of(market), f"/raffles/{raffle['id']}"
    first = await site(path)
    await buy_tickets(market.buyer, raffle, 3)
    same = await site(path)
    assert same.text == first.text
    unchanged = await site(path, if_none_match=first.headers["etag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["content-security-policy"] == first.headers["content-security-policy"]
    changed = await pages_of(market)(path, if_none_match=first.headers["etag"])
    assert (changed.status_code, changed.headers["cache-control"]) == (200, "no-cache")
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_page_has_no_inline_script_and_a_strict_content_security_policy(market: Market) -> None:
    raffle = await publish_raffle(market, title='<script>alert(1)</script>"&{0}')
    site = pages_of(market, LUXEWIN_BEACON_RELAYS="https://relay.example.com/drand, https://other.example.com")
    answer = await site(f"/raffles/{raffle['id']}")
    assert "<script>alert" not in answer.text
    markup = Markup.of(answer.text)
    assert [name for name in markup.inline if name.strip()] == []
    assert [address for address in markup.addresses if not re.match(r"/(?!/)|#", address)] == []
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "connect-src 'self' https://other.example.com https://relay.example.com;" in policy
    assert "form-action 'none'" in policy


async def test_the_round_is_served_like_a_relay_does_once_it_is_due(market: Market, get_page: GetPage) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 2)
    path = f"/raffles/{raffle['id']}/round.json"
    await set_registry_clock(market, hours=2)
    assert (await get_page(path)).status_code == 404  # it is due, and the list is not closed
    await set_registry_clock(market, hours=1, seconds=30)
    await lock_raffle(market, raffle)
    assert (await get_page(path)).status_code == 404
    await draw_raffle(market, raffle)
    await set_registry_clock(market, hours=2)
    beacon = (await read_public(market, raffle, "proof"))["beacon"]
    assert (await get_page(path)).json() == beacon
    assert (await get_page(f"/raffles/{uuid4()}/round.json")).status_code == 404
