"""The terms of a raffle can be changed until it is published, and not afterwards."""

from datetime import timedelta

import pytest

from luxewin.modules.identity.public import Role
from luxewin.modules.raffles.domain.encoding import hash_of
from tests.workflows.market import BEACONS, Market
from tests.workflows.raffles.scenario import (
    TERMS,
    buy_tickets,
    draft_raffle,
    expect,
    expect_error,
    publish_raffle,
    raffle_terms,
    read_raffle,
)


async def test_a_draft_is_visible_only_to_staff(market: Market) -> None:
    draft = await draft_raffle(market)
    path = f"/raffles/{draft['id']}"
    assert (draft["status"], draft["draw"], draft["rules_hash"]) == ("draft", None, None)
    assert expect(await market.staff.request("GET", path), 200) == draft
    expect_error(await market.guest().request("GET", path), 404, "request.not_found")
    assert expect(await market.guest().request("GET", "/raffles"), 200)["data"] == []
    assert expect(await market.guest().request("GET", "/raffles?status=draft"), 200)["data"] == []
    assert [raffle["id"] for raffle in expect(await market.staff.request("GET", "/raffles"), 200)["data"]] == [
        draft["id"]
    ]


async def test_the_terms_of_a_draft_are_replaced_and_those_of_a_raffle_are_not(market: Market) -> None:
    draft = await draft_raffle(market)
    path = f"/raffles/{draft['id']}"
    other = raffle_terms(title="Win the sofa", prizes=[{"name": "Sofa"}], capacity=3, per_person_limit=None)
    changed = expect(await market.staff.request("PUT", path, other), 200)
    assert [prize["name"] for prize in changed["prizes"]] == ["Sofa"]
    assert (changed["title"], changed["capacity"], changed["version"]) == ("Win the sofa", 3, 2)
    expect(await market.staff.post(f"{path}/publish"), 200)
    expect_error(await market.staff.request("PUT", path, raffle_terms()), 409, "raffles.state_forbids")
    expect_error(await market.staff.request("DELETE", path), 409, "raffles.state_forbids")
    expect_error(await market.staff.post(f"{path}/publish"), 409, "raffles.state_forbids")


async def test_a_draft_is_written_back_as_it_is_shown(market: Market) -> None:
    prizes = [
        {"name": "Chair", "value": None, "variant_id": str(await market.create_variant(stock=1))},
        {"name": "Lamp"},
    ]
    draft = await draft_raffle(market, prizes=prizes, skill_question={"question": "6 × 7?", "answer": "42"})
    path = f"/raffles/{draft['id']}"
    assert expect(await market.staff.request("PUT", path, draft), 200) == draft
    renamed = expect(await market.staff.request("PUT", path, {**draft, "title": "Win a chair"}), 200)
    assert (renamed["title"], renamed["skill_question"], renamed["version"]) == ("Win a chair", "6 × 7?", 2)
    for change in ({"status": "open"}, {"skill_question": "5 × 7?"}, {"tickets_left": 1}):
        expect_error(await market.staff.request("PUT", path, {**renamed, **change}), 400, "request.invalid")


async def test_what_a_participant_declared_is_written_back_as_it_is_shown(market: Market) -> None:
    expect(await market.buyer.request("PUT", "/play", {"born_on": "1990-12-10", "territory": "GB"}), 200)
    shown = expect(await market.buyer.request("GET", "/play"), 200)
    assert expect(await market.buyer.request("PUT", "/play", shown), 200) == shown


async def test_a_deleted_draft_is_not_found(market: Market) -> None:
    draft = await draft_raffle(market)
    assert (await market.staff.request("DELETE", f"/raffles/{draft['id']}")).status_code == 204
    expect_error(await market.staff.request("GET", f"/raffles/{draft['id']}"), 404, "request.not_found")
    assert expect(await market.staff.request("GET", "/raffles"), 200)["data"] == []


async def test_publishing_freezes_the_rules_under_their_hash(market: Market) -> None:
    raffle = await publish_raffle(market, skill_question={"question": "6 × 7?", "answer": "42"})
    ((document,),) = await market.rows("SELECT document::jsonb FROM raffles_rules WHERE tenant_id = $1")
    assert hash_of(document).hex() == raffle["rules_hash"]
    assert document["round"] == raffle["draw"]["round"]
    assert document["prizes"] == ["Chair", "Lamp"]
    assert document["beacon"]["chain_hash"] == BEACONS.chain.hash.hex()
    assert BEACONS.chain.time_of(document["round"]) >= document["closes_at"] + document["draw_delay_seconds"]
    assert (document["anchor"], document["on_missed_anchor"], document["skill_question"]) == (None, None, True)


async def test_all_raffles_of_a_tenant_are_signed_with_its_key(market: Market, other_market: Market) -> None:
    for shop in (market, market, other_market):
        await publish_raffle(shop)
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


async def test_a_raffle_past_its_closing_time_is_not_published(market: Market) -> None:
    draft = await draft_raffle(market, closes_in=timedelta(seconds=-1))
    expect_error(await market.staff.post(f"/raffles/{draft['id']}/publish"), 400, "raffles.closes_too_soon")


async def test_fractions_of_a_second_are_dropped_from_the_closing_time(market: Market) -> None:
    raffle = await draft_raffle(market, closes_at="2099-01-01T00:00:00.987654Z")
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
async def test_invalid_terms_are_refused(market: Market, change: dict[str, object]) -> None:
    answer = await market.staff.post("/raffles", {**raffle_terms(), **change})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.VENDOR])
async def test_only_staff_drafts_and_publishes(market: Market, role: Role) -> None:
    draft = await draft_raffle(market)
    person = market.person(role)
    for method, path in (("POST", "/raffles"), ("PUT", f"/raffles/{draft['id']}")):
        expect_error(await person.request(method, path, raffle_terms()), 403, "identity.forbidden")
    expect_error(await person.post(f"/raffles/{draft['id']}/publish"), 403, "identity.forbidden")


async def test_the_odds_are_those_of_the_next_ticket_and_of_the_last(market: Market) -> None:
    raffle = await publish_raffle(market)
    assert raffle["odds"] == {"now": {"prizes": 2, "tickets": 1}, "at_worst": {"prizes": 2, "tickets": 10}}
    await buy_tickets(market.buyer, raffle, 3)
    now = await read_raffle(market, raffle)
    assert now["odds"] == {"now": {"prizes": 2, "tickets": 4}, "at_worst": {"prizes": 2, "tickets": 10}}
    assert (now["tickets_entered"], now["tickets_left"]) == (3, TERMS["capacity"] - 3)


async def test_raffles_are_listed_newest_first_in_pages(market: Market) -> None:
    titles = [f"Raffle {number}" for number in range(3)]
    for title in titles:
        await publish_raffle(market, title=title)
    first = expect(await market.guest().request("GET", "/raffles?status=open&limit=2"), 200)
    rest = expect(
        await market.guest().request("GET", f"/raffles?status=open&limit=2&cursor={first['next_cursor']}"), 200
    )
    assert [raffle["title"] for raffle in first["data"] + rest["data"]] == titles[::-1]
    assert rest["next_cursor"] is None


async def test_another_tenants_raffle_is_not_found(market: Market, other_market: Market) -> None:
    raffle = await publish_raffle(market)
    expect_error(await other_market.staff.request("GET", f"/raffles/{raffle['id']}"), 404, "request.not_found")
