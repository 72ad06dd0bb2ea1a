"""What a raffle promises can change until it is published, and never after."""

from datetime import timedelta

import pytest

from luxewin.kit.access import Role
from luxewin.modules.raffles.domain.encoding import hash_of
from tests.workflows.market import BEACONS, Market
from tests.workflows.raffles.fair import ANNOUNCED, bought, drafted, published, refused, seen, terms, told


async def test_a_draft_is_there_for_staff_alone(market: Market) -> None:
    draft = await drafted(market)
    path = f"/raffles/{draft['id']}"
    assert (draft["status"], draft["draw"], draft["rules_hash"]) == ("draft", None, None)
    assert told(await market.staff.ask("GET", path), 200) == draft
    refused(await market.guest().ask("GET", path), 404, "request.not_found")
    assert told(await market.guest().ask("GET", "/raffles"), 200)["data"] == []
    assert told(await market.guest().ask("GET", "/raffles?status=draft"), 200)["data"] == []
    assert [raffle["id"] for raffle in told(await market.staff.ask("GET", "/raffles"), 200)["data"]] == [draft["id"]]


async def test_the_terms_of_a_draft_are_replaced_and_those_of_a_raffle_are_not(market: Market) -> None:
    draft = await drafted(market)
    path = f"/raffles/{draft['id']}"
    other = terms(title="Win the sofa", prizes=[{"name": "Sofa"}], capacity=3, per_person_limit=None)
    changed = told(await market.staff.ask("PUT", path, other), 200)
    assert [prize["name"] for prize in changed["prizes"]] == ["Sofa"]
    assert (changed["title"], changed["capacity"], changed["version"]) == ("Win the sofa", 3, 2)
    told(await market.staff.post(f"{path}/publish"), 200)
    refused(await market.staff.ask("PUT", path, terms()), 409, "raffles.state_forbids")
    refused(await market.staff.ask("DELETE", path), 409, "raffles.state_forbids")
    refused(await market.staff.post(f"{path}/publish"), 409, "raffles.state_forbids")


async def test_a_deleted_draft_is_gone(market: Market) -> None:
    draft = await drafted(market)
    assert (await market.staff.ask("DELETE", f"/raffles/{draft['id']}")).status_code == 204
    refused(await market.staff.ask("GET", f"/raffles/{draft['id']}"), 404, "request.not_found")
    assert told(await market.staff.ask("GET", "/raffles"), 200)["data"] == []


async def test_publishing_freezes_the_rules_under_their_hash(market: Market) -> None:
    raffle = await published(market, skill_question={"question": "6 × 7?", "answer": "42"})
    ((document,),) = await market.rows("SELECT document::jsonb FROM raffles_rules WHERE tenant_id = $1")
    assert hash_of(document).hex() == raffle["rules_hash"]
    assert document["round"] == raffle["draw"]["round"]
    assert document["prizes"] == ["Chair", "Lamp"]
    assert document["beacon"]["chain_hash"] == BEACONS.chain.hash.hex()
    assert BEACONS.chain.time_of(document["round"]) >= document["closes_at"] + document["draw_delay_seconds"]
    assert (document["anchor"], document["on_missed_anchor"], document["skill_question"]) == (None, None, True)


async def test_all_raffles_of_a_tenant_are_signed_with_its_key(market: Market, other_market: Market) -> None:
    for shop in (market, market, other_market):
        await published(shop)
    keys = {
        shop.tenant.id: [
            row[0]
            for row in await shop.rows(
                "SELECT document::jsonb ->> 'signing_key' FROM raffles_rules WHERE tenant_id = $1"
            )
        ]
        for shop in (market, other_market)
    }
    first, second = keys[market.tenant.id]
    assert first == second
    assert keys[other_market.tenant.id] != [first]


async def test_what_is_over_cannot_be_published(market: Market) -> None:
    draft = await drafted(market, closes_in=timedelta(seconds=-1))
    refused(await market.staff.post(f"/raffles/{draft['id']}/publish"), 400, "raffles.closes_too_soon")


async def test_fractions_of_a_second_are_cut_from_the_closing_time(market: Market) -> None:
    raffle = await drafted(market, closes_at="2099-01-01T00:00:00.987654Z")
    assert raffle["closes_at"] == "2099-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "change",
    [
        {"capacity": 0},
        {"capacity": 10_000_001},
        {"prizes": []},
        {"per_person_limit": 0},
        {"reserve_winners": -1},
        {"closes_at": "2099-01-01T00:00:00"},
        {"closes_at": "soon"},
        {"draw_delay_seconds": 0},
        {"title": ""},
        {"colour": "red"},
        {"ticket_price": {"amount": -1, "currency": "USD"}},
        {"ticket_price": {"amount": 1, "currency": "EUR"}},
        {"prizes": [{"name": "Chair", "value": {"amount": 1, "currency": "EUR"}}]},
    ],
)
async def test_terms_that_make_no_raffle_are_refused(market: Market, change: dict[str, object]) -> None:
    answer = await market.staff.post("/raffles", {**terms(), **change})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.VENDOR])
async def test_only_staff_drafts_and_publishes(market: Market, role: Role) -> None:
    draft = await drafted(market)
    person = market.person(role)
    for method, path in (("POST", "/raffles"), ("PUT", f"/raffles/{draft['id']}")):
        refused(await person.ask(method, path, terms()), 403, "identity.forbidden")
    refused(await person.post(f"/raffles/{draft['id']}/publish"), 403, "identity.forbidden")


async def test_the_odds_are_those_of_the_next_ticket_and_of_the_last(market: Market) -> None:
    raffle = await published(market)
    assert raffle["odds"] == {"now": {"prizes": 2, "tickets": 1}, "at_worst": {"prizes": 2, "tickets": 10}}
    await bought(market.buyer, raffle, 3)
    now = await seen(market, raffle)
    assert now["odds"] == {"now": {"prizes": 2, "tickets": 4}, "at_worst": {"prizes": 2, "tickets": 10}}
    assert (now["tickets_entered"], now["tickets_left"]) == (3, ANNOUNCED["capacity"] - 3)


async def test_raffles_are_listed_newest_first_in_pages(market: Market) -> None:
    titles = [f"Raffle {number}" for number in range(3)]
    for title in titles:
        await published(market, title=title)
    first = told(await market.guest().ask("GET", "/raffles?status=open&limit=2"), 200)
    rest = told(await market.guest().ask("GET", f"/raffles?status=open&limit=2&cursor={first['next_cursor']}"), 200)
    assert [raffle["title"] for raffle in first["data"] + rest["data"]] == titles[::-1]
    assert rest["next_cursor"] is None


async def test_another_tenants_raffle_is_not_there(market: Market, other_market: Market) -> None:
    raffle = await published(market)
    refused(await other_market.staff.ask("GET", f"/raffles/{raffle['id']}"), 404, "request.not_found")
