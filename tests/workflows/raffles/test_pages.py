"""The public page of a raffle in each of its states: what it tells, in which language, and what it keeps to itself."""

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
from tests.workflows.raffles.fair import at, bought, buyers, drafted, drawn, locked, numbers, published, read, told
from tests.workflows.raffles.test_postponing import postpone

Ask = Callable[..., Any]


@pytest.fixture
def ask(market: Market) -> Ask:
    """Ask for a page of the market's raffles, each time as if nothing were kept of it."""

    async def asked(path: str, **headers: str) -> httpx2.Response:
        answer: httpx2.Response = await site_of(market)(path, **headers)
        return answer

    return asked


def site_of(market: Market, **environment: str) -> Ask:
    """Mount the pages over the market."""
    settings = Settings.load({"LUXEWIN_DEFAULT_TENANT": market.tenant.slug, **environment}, SETTINGS_EXTENSIONS)
    raffles = RafflePages(market.database, Directory(market.database), beacons=BEACONS, settings=settings)
    pages = Pages({"/raffles": raffles.page, "/raffles/*": raffles.page})

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        page = pages.at(scope)
        assert page is not None, f"nothing is mounted at {scope['path']}"
        await (await page(scope))(scope, receive, send)

    async def asked(path: str, **headers: str) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=serve)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return asked


async def page_of(ask: Ask, raffle: dict[str, Any], query: str = "") -> str:
    answer = await ask(f"/raffles/{raffle['id']}{query}")
    assert answer.status_code == 200, answer.text
    return str(answer.text)


async def state_of(ask: Ask, raffle: dict[str, Any]) -> str:
    found = re.search(r'<strong data-state="(\w+)">', await page_of(ask, raffle))
    assert found is not None
    return found[1]


async def clock(market: Market, **ahead: float) -> None:
    """Let the tenant's clock run ahead in the registry too, where the pages read it."""
    at(market, **ahead)
    seconds = int(market.tenant.clock_offset.total_seconds())
    await market.as_owner(
        "UPDATE tenants_registry SET clock_offset_seconds = $2 WHERE id = $1", market.tenant.id, seconds
    )


async def test_an_open_raffle_tells_its_terms_and_odds(market: Market, ask: Ask) -> None:
    raffle = await published(market, minimum_age=18, territories=["GB", "IE"], free_entry=True)
    told(await market.buyer.ask("PUT", "/play", {"born_on": "1990-12-10", "territory": "GB"}), 200)
    await bought(market.buyer, raffle, 3)
    text = Markup.of(await page_of(ask, raffle)).text
    for word in ("Win the chair", "Open", "$5.00", "3 of 10", "Chair", "$649.00", "Lamp", "1 in 2", "1 in 5", "GB, IE"):
        assert word in text, word
    assert raffle["rules_hash"] in text
    assert str(raffle["draw"]["round"]) in text
    assert "The check is available when the list is closed" in text


async def test_a_postponed_raffle_tells_when_it_was_to_close_and_by_which_rules(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    later = told(await postpone(market, raffle, hours=1), 200)
    page = await page_of(ask, raffle)
    assert "Postponed; original closing time" in page
    for one in (raffle, later):
        assert datetime.fromisoformat(one["closes_at"]).strftime("%Y-%m-%dT%H:%M:%SZ") in page
    assert "SHA-256 of the earlier rules, version 1" in page
    assert page.index(later["rules_hash"]) < page.index(raffle["rules_hash"])


async def test_each_state_is_told(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    assert await state_of(ask, raffle) == "open"
    await clock(market, hours=1, seconds=30)
    assert await state_of(ask, raffle) == "closing"
    await locked(market, raffle)
    assert await state_of(ask, raffle) == "locked"
    await drawn(market, raffle)
    assert await state_of(ask, raffle) == "drawn"
    for status in ("anchored", "void", "settled"):
        await market.as_owner("UPDATE raffles_raffles SET status = $2 WHERE id = $1", raffle["id"], status)
        assert await state_of(ask, raffle) == status
    await market.as_owner("UPDATE raffles_raffles SET status = 'drawn' WHERE id = $1", raffle["id"])


async def test_a_locked_raffle_shows_its_receipt_and_entries_and_no_winner(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    mine = await bought(market.buyer, raffle, 2)
    await locked(market, raffle)
    page = await page_of(ask, raffle)
    receipt = await read(market, raffle, "receipt")
    for value in (receipt["receipt_hash"], receipt["signature"], receipt["receipt"]["merkle_root"]):
        assert value in page
    assert re.findall(r'data-step="(\w+)"', page) == ["rules", "receipt", "root"]
    assert "data-winner" not in page
    listed = (await ask(f"/raffles/{raffle['id']}/entries")).text
    assert [ticket["commit"] in listed for ticket in mine["tickets"]] == [True, True]


async def test_a_drawn_raffle_shows_who_won_and_how_to_check_it(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    for person in buyers(market, 3):
        await bought(person, raffle, 2)
    await drawn(market, raffle)
    page = await page_of(ask, raffle)
    winners = (await read(market, raffle, "winners"))["data"]
    assert re.findall(r'data-winner="(\d+)"', page) == [str(one["number"]) for one in winners if one["prize"]]
    assert f"Reserve: {winners[-1]['number']}" in Markup.of(page).text
    steps = ["rules", "receipt", "root", "beacon", "seed", "positions", "outcome", "signature"]
    assert re.findall(r'data-step="(\w+)"', page) == steps
    assert f"X-Tenant: {market.tenant.slug}" in Markup.of(page).text


async def test_a_prize_that_nobody_could_win_is_said_to_be_left(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 1)
    await drawn(market, raffle)
    assert "Lamp not awarded" in Markup.of(await page_of(ask, raffle)).text


async def test_a_cancelled_raffle_offers_no_check_and_no_draw(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    told(await market.staff.post(f"/raffles/{raffle['id']}/cancel", {"reason": "broken"}), 200)
    page = await page_of(ask, raffle)
    assert "gets a refund" in page
    assert "data-step" not in page
    assert "Draw<" not in page


async def test_a_promised_anchor_is_told(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    assert "not anchored on a blockchain" in await page_of(ask, raffle)
    contract, sender = "ab" * 20, "cd" * 20
    anchor = f'{{"chain_id": 8453, "contract": "{contract}", "sender": "{sender}", "margin_seconds": 60}}'
    changed = "jsonb_set(document::jsonb, '{anchor}', $2::text::jsonb)::text"
    change = f"UPDATE raffles_rules SET document = {changed} WHERE raffle_id = $1"
    await market.as_owner(change, raffle["id"], anchor)
    text = Markup.of(await page_of(ask, raffle)).text
    await market.as_owner(change, raffle["id"], "null")
    assert f"anchored on chain 8453, in the contract 0x{contract}" in text


async def test_nothing_private_is_on_any_page(market: Market, ask: Ask) -> None:
    raffle = await published(market, skill_question={"question": "What is 6 × 7?", "answer": "forty-two"})
    mine = await bought(market.buyer, raffle, 2, skill_answer="forty-two")
    await drawn(market, raffle)
    paths = (f"/raffles/{raffle['id']}", f"/raffles/{raffle['id']}/entries", "/raffles")
    pages = [(await ask(path)).text for path in paths]
    secrets = [mine["id"], mine["order_id"], str(market.buyer.principal.user_id), "forty-two"]
    secrets += [ticket["salt"] for ticket in mine["tickets"]]
    assert [(secret, page[:40]) for secret in secrets for page in pages if secret in page] == []


async def test_what_is_not_there_or_not_public_is_not_found(market: Market, ask: Ask) -> None:
    draft = await drafted(market, title="Not to be seen yet")
    raffle = await published(market)
    for path in (f"/{draft['id']}", f"/{uuid4()}", "/nothing", f"/{raffle['id']}/entries", f"/{raffle['id']}/more"):
        answer = await ask(f"/raffles{path}")
        assert (answer.status_code, "This raffle does not exist" in answer.text) == (404, True), path
    assert draft["title"] not in (await ask("/raffles")).text


async def test_the_list_goes_on_behind_its_last(market: Market, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    raffles = [await published(market, title=f"Raffle {number}") for number in range(3)]
    monkeypatch.setattr("luxewin.pages.raffles.pages._RAFFLES_PER_PAGE", 2)
    first = (await ask("/raffles")).text
    assert [raffle["id"] in first for raffle in raffles] == [False, True, True]
    older = re.search(r'href="([^"]+)">Older', first)
    assert older is not None
    second = (await ask(older[1])).text
    assert [f"/raffles/{raffle['id']}" in second for raffle in raffles] == [True, False, False]
    assert "Older" not in second


async def test_entries_come_in_pages(market: Market, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    raffle = await published(market)
    mine = await bought(market.buyer, raffle, 3)
    await locked(market, raffle)
    monkeypatch.setattr("luxewin.pages.raffles.pages._ENTRIES_PER_PAGE", 2)
    first = (await ask(f"/raffles/{raffle['id']}/entries?lang=ar")).text
    assert re.findall(r"<td>(\d+)</td>", first) == [str(number) for number in numbers(mine)[:2]]
    more = re.search(r'href="([^"]+after=[^"]+)"', first)
    assert more is not None
    second = (await ask(more[1].replace("&amp;", "&"))).text
    assert re.findall(r"<td>(\d+)</td>", second) == [str(numbers(mine)[2])]
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
async def test_a_visitor_is_spoken_to_in_a_language_that_they_read(
    market: Market, query: str, accepted: str, locale: str, language: str
) -> None:
    raffle = await published(market)
    await market.as_owner("UPDATE tenants_registry SET locale = $2 WHERE id = $1", market.tenant.id, locale)
    answer = await site_of(market)(f"/raffles/{raffle['id']}{query}", accept_language=accepted)
    direction = {"en": "ltr", "ar": "rtl"}[language]
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert "Accept-Language" in answer.headers["vary"]


async def test_the_shop_is_the_hosts_and_only_that(market: Market) -> None:
    raffle, domain = await published(market), f"{market.tenant.slug}.example.com"
    elsewhere = site_of(market, LUXEWIN_DEFAULT_TENANT="nobody")
    path = f"/raffles/{raffle['id']}"
    assert (await elsewhere(path)).status_code == 404
    assert (await elsewhere(f"{path}?tenant={market.tenant.slug}")).status_code == 200
    assert (await elsewhere(path, x_tenant=market.tenant.slug)).status_code == 200
    insert = "INSERT INTO tenants_domains (tenant, domain) VALUES ($1, $2)"
    await market.as_owner(insert, market.tenant.id, domain)
    elsewhere = site_of(market, LUXEWIN_DEFAULT_TENANT="nobody")
    assert (await elsewhere(path, host=f"{domain}:8000")).status_code == 200
    other = Tenancy(id=new_id(), slug=f"other-{new_id().hex}", currency="USD")
    async with market.database.begin(other, SYSTEM) as tx:
        await tenants.create(tx, id=other.id, slug=other.slug, name="Other", currency=other.currency)
    elsewhere = site_of(market, LUXEWIN_DEFAULT_TENANT="nobody")
    assert (await elsewhere(f"/raffles?tenant={other.slug}")).status_code == 200
    assert (await elsewhere(f"/raffles?tenant={other.slug}", host=domain)).status_code == 404


async def test_a_page_is_kept_for_a_moment_and_not_sent_again_unchanged(market: Market) -> None:
    raffle = await published(market)
    site, path = site_of(market), f"/raffles/{raffle['id']}"
    first = await site(path)
    await bought(market.buyer, raffle, 3)
    same = await site(path)
    assert same.text == first.text
    unchanged = await site(path, if_none_match=first.headers["etag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["content-security-policy"] == first.headers["content-security-policy"]
    changed = await site_of(market)(path, if_none_match=first.headers["etag"])
    assert (changed.status_code, changed.headers["cache-control"]) == (200, "no-cache")
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_page_runs_nothing_inline_and_asks_only_its_own_and_the_relays(market: Market) -> None:
    raffle = await published(market, title='<script>alert(1)</script>"&{0}')
    site = site_of(market, LUXEWIN_BEACON_RELAYS="https://relay.example.com/drand, https://other.example.com")
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


async def test_its_round_is_told_as_a_relay_would_and_not_before_it_is_due(market: Market, ask: Ask) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 2)
    path = f"/raffles/{raffle['id']}/round.json"
    await clock(market, hours=2)
    assert (await ask(path)).status_code == 404  # it is due, and the list is not closed
    await clock(market, hours=1, seconds=30)
    await locked(market, raffle)
    assert (await ask(path)).status_code == 404
    await drawn(market, raffle)
    await clock(market, hours=2)
    beacon = (await read(market, raffle, "proof"))["beacon"]
    assert (await ask(path)).json() == beacon
    assert (await ask(f"/raffles/{uuid4()}/round.json")).status_code == 404
