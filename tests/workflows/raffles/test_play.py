"""Who may play, and how much, is decided inside the purchase; what people have set for themselves holds."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from luxewin.kit.access import Role
from luxewin.modules.raffles.domain.play import age_on, serves
from tests.workflows.market import RAFFLE_SECRETS, Market, Person, pay_with
from tests.workflows.raffles.fair import TICKET_PRICE, account, at, bought, buy, counts, published, refused, told


def years_ago(years: int, *, days: int = 0) -> str:
    today = datetime.now(UTC).date() + timedelta(days=days)
    return today.replace(year=today.year - years, day=min(today.day, 28)).isoformat()


async def declare(person: Person, **what: str) -> dict[str, Any]:
    return told(await person.ask("PUT", "/play", what), 200)


async def limit(person: Person, period: str, tickets: int | None) -> dict[str, Any]:
    amount = None if tickets is None else {"amount": tickets * TICKET_PRICE, "currency": "USD"}
    return told(await person.post("/play/limits", {"period": period, "amount": amount}), 201)


async def exclude(person: Person, kind: str, days: int) -> dict[str, Any]:
    return told(await person.post("/play/exclusions", {"kind": kind, "days": days}), 201)


def test_ages_are_whole_years() -> None:
    assert age_on(date(2026, 3, 1), born_on=date(2008, 3, 1)) == 18
    assert age_on(date(2026, 2, 28), born_on=date(2008, 3, 1)) == 17
    assert age_on(date(2026, 2, 28), born_on=date(2008, 2, 29)) == 17
    assert age_on(date(2026, 3, 1), born_on=date(2008, 2, 29)) == 18


def test_a_country_includes_its_subdivisions_and_not_the_other_way_round() -> None:
    assert serves(["GB"], "GB-NIR")
    assert not serves(["GB-NIR"], "GB")
    assert not serves(["US-CA"], "US-NY")


async def test_the_young_and_those_who_do_not_say_take_no_part_where_age_matters(market: Market) -> None:
    raffle = await published(market, minimum_age=18)
    buyer = market.buyer
    assert refused(await buy(buyer, raffle), 403, "raffles.not_eligible")["reason"] == "birth_not_declared"
    await declare(buyer, born_on=years_ago(17))
    assert refused(await buy(buyer, raffle), 403, "raffles.not_eligible")["reason"] == "too_young"
    refused(await buyer.ask("PUT", "/play", {"born_on": years_ago(30)}), 409, "raffles.birth_declared")
    other = market.person(Role.CUSTOMER)
    await declare(other, born_on=years_ago(19))
    await bought(other, raffle)
    assert await counts(market, raffle) == (1, 0, 0)


async def test_a_raffle_is_sold_where_it_is_offered(market: Market) -> None:
    raffle = await published(market, territories=["GB", "US-CA"])
    buyer = market.buyer
    assert refused(await buy(buyer, raffle), 403, "raffles.not_eligible")["reason"] == "territory_not_declared"
    await declare(buyer, territory="US-NY")
    assert refused(await buy(buyer, raffle), 403, "raffles.not_eligible")["reason"] == "territory_not_served"
    await declare(buyer, territory="GB-NIR")
    await bought(buyer, raffle)


@pytest.mark.parametrize("period", ["day", "week", "month"])
async def test_a_limit_holds_at_once_and_across_raffles(market: Market, period: str) -> None:
    first, second = await published(market), await published(market)
    await limit(market.buyer, period, 3)
    await bought(market.buyer, first, 2)
    refused(await buy(market.buyer, second, 2), 409, "raffles.spend_limit_reached")
    await bought(market.buyer, second, 1)
    refused(await buy(market.buyer, first, 1), 409, "raffles.spend_limit_reached")


async def test_a_limit_of_nothing_allows_nothing_that_costs(market: Market) -> None:
    await limit(market.buyer, "month", 0)
    refused(await buy(market.buyer, await published(market)), 409, "raffles.spend_limit_reached")
    free = await published(market, ticket_price={"amount": 0, "currency": "USD"})
    await bought(market.buyer, free, token=None)


async def test_raising_or_lifting_a_limit_waits_a_day_and_lowering_does_not(market: Market) -> None:
    raffle = await published(market, closes_in=timedelta(days=9), per_person_limit=None)
    await limit(market.buyer, "month", 2)
    await limit(market.buyer, "month", 5)
    refused(await buy(market.buyer, raffle, 3), 409, "raffles.spend_limit_reached")
    at(market, hours=25)
    later = market.known_as(market.buyer.principal)
    await bought(later, raffle, 3)
    await limit(later, "month", 1)
    refused(await buy(later, raffle, 1), 409, "raffles.spend_limit_reached")
    await limit(later, "month", None)
    refused(await buy(later, raffle, 1), 409, "raffles.spend_limit_reached")
    at(market, hours=50)
    await bought(market.known_as(market.buyer.principal), raffle, 5)


@pytest.mark.parametrize("raised_to", [9, None])
async def test_a_limit_withdraws_what_still_waits(market: Market, raised_to: int | None) -> None:
    raffle = await published(market, closes_in=timedelta(days=9), per_person_limit=None)
    await limit(market.buyer, "month", 2)
    await limit(market.buyer, "week", 4)
    await limit(market.buyer, "month", raised_to)
    await limit(market.buyer, "week", 5)
    await limit(market.buyer, "month", 1)
    at(market, hours=25)
    later = market.known_as(market.buyer.principal)
    refused(await buy(later, raffle, 2), 409, "raffles.spend_limit_reached")
    await bought(later, raffle, 1)
    limits = told(await later.ask("GET", "/play"), 200)["limits"]
    assert {held["period"]: held["amount"]["amount"] // TICKET_PRICE for held in limits} == {"week": 5, "month": 1}


async def test_a_lift_cannot_be_asked_for_in_advance(market: Market) -> None:
    raffle = await published(market, closes_in=timedelta(days=9))
    await limit(market.buyer, "day", None)
    await limit(market.buyer, "day", 1)
    at(market, hours=25)
    refused(await buy(market.known_as(market.buyer.principal), raffle, 2), 409, "raffles.spend_limit_reached")


async def test_of_limits_set_at_once_no_higher_one_holds_before_its_day_is_over(market: Market) -> None:
    raffle = await published(market, closes_in=timedelta(days=9), per_person_limit=None)
    await limit(market.buyer, "day", 9)
    await asyncio.gather(*(limit(market.buyer, "day", tickets) for tickets in (1, 5, 3, 6, 2, 8)))
    refused(await buy(market.buyer, raffle, 2), 409, "raffles.spend_limit_reached")
    await bought(market.buyer, raffle, 1)


async def test_tickets_that_are_held_are_not_paid_by_who_may_not_take_part_any_more(market: Market) -> None:
    raffle = await published(market, territories=["GB", "FR"], per_person_limit=None)
    other = await published(market, territories=["GB"], per_person_limit=None)
    buyer = market.buyer
    await declare(buyer, territory="GB")
    held, elsewhere = await bought(buyer, raffle, 2, token=None), await bought(buyer, other, token=None)

    async def pay(purchase: dict[str, Any]) -> Any:
        return await buyer.post(f"/orders/{purchase['order_id']}/payments", pay_with("tok_visa"))

    await declare(buyer, territory="FR")
    assert refused(await pay(elsewhere), 403, "raffles.not_eligible")["reason"] == "territory_not_served"
    await limit(buyer, "day", 1)
    refused(await pay(held), 409, "raffles.spend_limit_reached")
    await exclude(buyer, "self_exclusion", 183)
    refused(await pay(held), 403, "raffles.excluded")
    assert (await counts(market, raffle), await counts(market, other)) == ((0, 2, 0), (0, 1, 0))


async def test_what_was_given_back_counts_no_longer(market: Market) -> None:
    raffle = await published(market)
    await limit(market.buyer, "day", 2)
    held = await bought(market.buyer, raffle, 2, token=None)
    refused(await buy(market.buyer, raffle), 409, "raffles.spend_limit_reached")
    told(await market.buyer.post(f"/orders/{held['order_id']}/cancel", {}), 200)
    await bought(market.buyer, raffle, 2)


async def test_twenty_windows_spend_no_more_than_the_limit(market: Market) -> None:
    raffle = await published(market, capacity=100, per_person_limit=None)
    await limit(market.buyer, "week", 5)
    answers = await asyncio.gather(*(buy(market.buyer, raffle) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 15}
    assert await counts(market, raffle) == (5, 0, 0)


async def test_whoever_cools_off_buys_nothing_until_it_is_over(market: Market) -> None:
    raffle = await published(market, closes_in=timedelta(days=9))
    assert (await exclude(market.buyer, "cool_off", 3))["excluded_until"] is not None
    refused(await buy(market.buyer, raffle), 403, "raffles.excluded")
    at(market, days=3, seconds=1)
    await bought(market.known_as(market.buyer.principal), raffle)


@pytest.mark.parametrize(("kind", "days"), [("cool_off", 43), ("self_exclusion", 182)])
async def test_exclusions_have_their_lengths(market: Market, kind: str, days: int) -> None:
    answer = await market.buyer.post("/play/exclusions", {"kind": kind, "days": days})
    refused(answer, 400, "raffles.exclusion_length")


async def test_an_exclusion_is_never_made_shorter(market: Market) -> None:
    long = await exclude(market.buyer, "self_exclusion", 365)
    assert (await exclude(market.buyer, "cool_off", 1))["excluded_until"] == long["excluded_until"]
    for method in ("DELETE", "PUT"):
        assert (await market.staff.ask(method, "/play/exclusions", {})).status_code == 405
    rights = await market.as_owner(
        "SELECT p FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p"
        " WHERE has_table_privilege('luxewin_app', 'raffles_exclusions', p)"
    )
    assert rights == []


async def test_a_self_exclusion_outlives_the_account_and_names_nobody(market: Market) -> None:
    raffle = await published(market)
    first = await account(market, "ada@example.com")
    await exclude(market.known_as(first), "self_exclusion", 200)
    await market.as_owner("DELETE FROM identity_users WHERE tenant_id = $1", market.tenant.id)
    second = await account(market, "Ada@Example.com")
    refused(await buy(market.known_as(second), raffle), 403, "raffles.excluded")
    await bought(market.known_as(await account(market, "byron@example.com")), raffle)
    stored = await market.rows("SELECT person_hash FROM raffles_exclusions WHERE tenant_id = $1")
    names = ("ada@example.com", str(first.user_id))
    assert {bytes(row[0]) for row in stored} == {
        RAFFLE_SECRETS.person_hash(name, tenant_id=market.tenant.id) for name in names
    }
