"""Eligibility, spending limits and exclusions are enforced in the transaction that sells tickets."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from luxewin.modules.identity.public import Role
from luxewin.modules.raffles.domain.responsible_gaming import age_on, serves
from tests.workflows.market import RAFFLE_SECRETS, Market, Person, pay_with
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    buy_tickets,
    create_account,
    expect,
    expect_error,
    post_purchase,
    publish_raffle,
    set_clock,
    ticket_counts,
)


def years_ago(years: int, *, days: int = 0) -> str:
    today = datetime.now(UTC).date() + timedelta(days=days)
    return today.replace(year=today.year - years, day=min(today.day, 28)).isoformat()


async def declare(person: Person, **what: str) -> dict[str, Any]:
    return expect(await person.request("PUT", "/play", what), 200)


async def limit(person: Person, period: str, tickets: int | None) -> dict[str, Any]:
    amount = None if tickets is None else {"amount": tickets * TICKET_PRICE, "currency": "USD"}
    return expect(await person.post("/play/limits", {"period": period, "amount": amount}), 201)


async def exclude(person: Person, kind: str, days: int) -> dict[str, Any]:
    return expect(await person.post("/play/exclusions", {"kind": kind, "days": days}), 201)


def test_ages_are_whole_years() -> None:
    assert age_on(date(2026, 3, 1), born_on=date(2008, 3, 1)) == 18
    assert age_on(date(2026, 2, 28), born_on=date(2008, 3, 1)) == 17
    assert age_on(date(2026, 2, 28), born_on=date(2008, 2, 29)) == 17
    assert age_on(date(2026, 3, 1), born_on=date(2008, 2, 29)) == 18


def test_a_country_includes_its_subdivisions_and_not_the_other_way_round() -> None:
    assert serves(["GB"], "GB-NIR")
    assert not serves(["GB-NIR"], "GB")
    assert not serves(["US-CA"], "US-NY")


async def test_a_minimum_age_needs_a_declared_and_sufficient_age(market: Market) -> None:
    raffle = await publish_raffle(market, minimum_age=18)
    buyer = market.buyer
    assert (
        expect_error(await post_purchase(buyer, raffle), 403, "raffles.not_eligible")["reason"] == "birth_not_declared"
    )
    await declare(buyer, born_on=years_ago(17))
    assert expect_error(await post_purchase(buyer, raffle), 403, "raffles.not_eligible")["reason"] == "too_young"
    expect_error(await buyer.request("PUT", "/play", {"born_on": years_ago(30)}), 409, "raffles.birth_declared")
    other = market.person(Role.CUSTOMER)
    await declare(other, born_on=years_ago(19))
    await buy_tickets(other, raffle)
    assert await ticket_counts(market, raffle) == (1, 0, 0)


async def test_a_raffle_is_sold_where_it_is_offered(market: Market) -> None:
    raffle = await publish_raffle(market, territories=["GB", "US-CA"])
    buyer = market.buyer
    assert (
        expect_error(await post_purchase(buyer, raffle), 403, "raffles.not_eligible")["reason"]
        == "territory_not_declared"
    )
    await declare(buyer, territory="US-NY")
    assert (
        expect_error(await post_purchase(buyer, raffle), 403, "raffles.not_eligible")["reason"]
        == "territory_not_served"
    )
    await declare(buyer, territory="GB-NIR")
    await buy_tickets(buyer, raffle)


@pytest.mark.parametrize("period", ["day", "week", "month"])
async def test_a_limit_applies_at_once_and_across_raffles(market: Market, period: str) -> None:
    first, second = await publish_raffle(market), await publish_raffle(market)
    await limit(market.buyer, period, 3)
    await buy_tickets(market.buyer, first, 2)
    expect_error(await post_purchase(market.buyer, second, 2), 409, "raffles.spend_limit_reached")
    await buy_tickets(market.buyer, second, 1)
    expect_error(await post_purchase(market.buyer, first, 1), 409, "raffles.spend_limit_reached")


async def test_a_limit_of_zero_allows_only_free_tickets(market: Market) -> None:
    await limit(market.buyer, "month", 0)
    expect_error(await post_purchase(market.buyer, await publish_raffle(market)), 409, "raffles.spend_limit_reached")
    free = await publish_raffle(market, ticket_price={"amount": 0, "currency": "USD"})
    await buy_tickets(market.buyer, free, token=None)


async def test_raising_or_removing_a_limit_takes_a_day_and_lowering_does_not(market: Market) -> None:
    raffle = await publish_raffle(market, closes_in=timedelta(days=9), per_person_limit=None)
    await limit(market.buyer, "month", 2)
    await limit(market.buyer, "month", 5)
    expect_error(await post_purchase(market.buyer, raffle, 3), 409, "raffles.spend_limit_reached")
    set_clock(market, hours=25)
    later = market.person_as(market.buyer.principal)
    await buy_tickets(later, raffle, 3)
    await limit(later, "month", 1)
    expect_error(await post_purchase(later, raffle, 1), 409, "raffles.spend_limit_reached")
    await limit(later, "month", None)
    expect_error(await post_purchase(later, raffle, 1), 409, "raffles.spend_limit_reached")
    set_clock(market, hours=50)
    await buy_tickets(market.person_as(market.buyer.principal), raffle, 5)


@pytest.mark.parametrize("raised_to", [9, None])
async def test_a_limit_withdraws_changes_that_do_not_apply_yet(market: Market, raised_to: int | None) -> None:
    raffle = await publish_raffle(market, closes_in=timedelta(days=9), per_person_limit=None)
    await limit(market.buyer, "month", 2)
    await limit(market.buyer, "week", 4)
    await limit(market.buyer, "month", raised_to)
    await limit(market.buyer, "week", 5)
    await limit(market.buyer, "month", 1)
    set_clock(market, hours=25)
    later = market.person_as(market.buyer.principal)
    expect_error(await post_purchase(later, raffle, 2), 409, "raffles.spend_limit_reached")
    await buy_tickets(later, raffle, 1)
    limits = expect(await later.request("GET", "/play"), 200)["limits"]
    assert {held["period"]: held["amount"]["amount"] // TICKET_PRICE for held in limits} == {"week": 5, "month": 1}


async def test_a_limit_cannot_be_removed_in_advance(market: Market) -> None:
    raffle = await publish_raffle(market, closes_in=timedelta(days=9))
    await limit(market.buyer, "day", None)
    await limit(market.buyer, "day", 1)
    set_clock(market, hours=25)
    expect_error(
        await post_purchase(market.person_as(market.buyer.principal), raffle, 2), 409, "raffles.spend_limit_reached"
    )


async def test_of_limits_set_concurrently_no_higher_one_applies_before_its_delay(market: Market) -> None:
    raffle = await publish_raffle(market, closes_in=timedelta(days=9), per_person_limit=None)
    await limit(market.buyer, "day", 9)
    await asyncio.gather(*(limit(market.buyer, "day", tickets) for tickets in (1, 5, 3, 6, 2, 8)))
    expect_error(await post_purchase(market.buyer, raffle, 2), 409, "raffles.spend_limit_reached")
    await buy_tickets(market.buyer, raffle, 1)


async def test_held_tickets_cannot_be_paid_by_a_person_who_is_no_longer_eligible(market: Market) -> None:
    raffle = await publish_raffle(market, territories=["GB", "FR"], per_person_limit=None)
    other = await publish_raffle(market, territories=["GB"], per_person_limit=None)
    buyer = market.buyer
    await declare(buyer, territory="GB")
    held, elsewhere = await buy_tickets(buyer, raffle, 2, token=None), await buy_tickets(buyer, other, token=None)

    async def pay(purchase: dict[str, Any]) -> Any:
        return await buyer.post(f"/orders/{purchase['order_id']}/payments", pay_with("tok_visa"))

    await declare(buyer, territory="FR")
    assert expect_error(await pay(elsewhere), 403, "raffles.not_eligible")["reason"] == "territory_not_served"
    await limit(buyer, "day", 1)
    expect_error(await pay(held), 409, "raffles.spend_limit_reached")
    await exclude(buyer, "self_exclusion", 183)
    expect_error(await pay(held), 403, "raffles.excluded")
    assert (await ticket_counts(market, raffle), await ticket_counts(market, other)) == ((0, 2, 0), (0, 1, 0))


async def test_refunded_tickets_do_not_count_towards_a_limit(market: Market) -> None:
    raffle = await publish_raffle(market)
    await limit(market.buyer, "day", 2)
    held = await buy_tickets(market.buyer, raffle, 2, token=None)
    expect_error(await post_purchase(market.buyer, raffle), 409, "raffles.spend_limit_reached")
    expect(await market.buyer.post(f"/orders/{held['order_id']}/cancel", {}), 200)
    await buy_tickets(market.buyer, raffle, 2)


async def test_concurrent_purchases_stay_within_the_spending_limit(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=None)
    await limit(market.buyer, "week", 5)
    answers = await asyncio.gather(*(post_purchase(market.buyer, raffle) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 15}
    assert await ticket_counts(market, raffle) == (5, 0, 0)


async def test_a_person_in_a_cool_off_buys_no_tickets_until_it_ends(market: Market) -> None:
    raffle = await publish_raffle(market, closes_in=timedelta(days=9))
    assert (await exclude(market.buyer, "cool_off", 3))["excluded_until"] is not None
    expect_error(await post_purchase(market.buyer, raffle), 403, "raffles.excluded")
    set_clock(market, days=3, seconds=1)
    await buy_tickets(market.person_as(market.buyer.principal), raffle)


@pytest.mark.parametrize(("kind", "days"), [("cool_off", 43), ("self_exclusion", 182)])
async def test_the_length_of_an_exclusion_is_limited(market: Market, kind: str, days: int) -> None:
    answer = await market.buyer.post("/play/exclusions", {"kind": kind, "days": days})
    expect_error(answer, 400, "raffles.exclusion_length")


async def test_an_exclusion_cannot_be_shortened(market: Market) -> None:
    long = await exclude(market.buyer, "self_exclusion", 365)
    assert (await exclude(market.buyer, "cool_off", 1))["excluded_until"] == long["excluded_until"]
    for method in ("DELETE", "PUT"):
        assert (await market.staff.request(method, "/play/exclusions", {})).status_code == 405
    rights = await market.as_owner(
        "SELECT p FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p"
        " WHERE has_table_privilege('luxewin_app', 'raffles_exclusions', p)"
    )
    assert rights == []


async def test_a_self_exclusion_outlives_the_account_and_identifies_nobody(market: Market) -> None:
    raffle = await publish_raffle(market)
    first = await create_account(market, "ada@example.com")
    await exclude(market.person_as(first), "self_exclusion", 200)
    await market.as_owner("DELETE FROM identity_users WHERE tenant_id = $1", market.tenant.id)
    second = await create_account(market, "Ada@Example.com")
    expect_error(await post_purchase(market.person_as(second), raffle), 403, "raffles.excluded")
    await buy_tickets(market.person_as(await create_account(market, "byron@example.com")), raffle)
    stored = await market.rows("SELECT person_hash FROM raffles_exclusions WHERE tenant_id = $1")
    names = ("ada@example.com", str(first.user_id))
    assert {bytes(row[0]) for row in stored} == {
        RAFFLE_SECRETS.person_hash(name, tenant_id=market.tenant.id) for name in names
    }
