"""Limits and exclusions apply to a person, whatever spelling of an address or new account they use."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from luxewin.kit.access import Principal
from tests.workflows.market import Market
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

ADDRESS, LOOK_ALIKE = "ada.l@gmail.com", "Ad.a.L+2@googlemail.com"


async def erase(market: Market, account: Principal) -> None:
    """Delete an account as its erasure does: the row stays without the address."""
    await market.as_owner(
        "UPDATE identity_users SET email = id || '@deleted.invalid', email_normalised = id || '@deleted.invalid',"
        " status = 'deleted' WHERE tenant_id = $1 AND id = $2",
        market.tenant.id,
        account.user_id,
    )


async def limit(market: Market, account: Principal, tickets: int | None) -> None:
    amount = None if tickets is None else {"amount": tickets * TICKET_PRICE, "currency": "USD"}
    expect(await market.person_as(account).post("/play/limits", {"period": "month", "amount": amount}), 201)


@pytest.mark.parametrize("address", [ADDRESS, LOOK_ALIKE])
async def test_a_self_exclusion_is_not_shed_by_a_new_account(market: Market, address: str) -> None:
    raffle = await publish_raffle(market)
    first = await create_account(market, ADDRESS)
    expect(await market.person_as(first).post("/play/exclusions", {"kind": "self_exclusion", "days": 200}), 201)
    await erase(market, first)
    second = market.person_as(await create_account(market, address))
    expect_error(await post_purchase(second, raffle), 403, "raffles.excluded")
    await buy_tickets(market.person_as(await create_account(market, "byron@gmail.com")), raffle)


@pytest.mark.parametrize("address", [ADDRESS, LOOK_ALIKE])
async def test_a_spending_limit_is_not_shed_by_a_new_account(market: Market, address: str) -> None:
    raffle = await publish_raffle(market, closes_in=timedelta(days=9), per_person_limit=None)
    first = await create_account(market, ADDRESS)
    await limit(market, first, 3)
    await buy_tickets(market.person_as(first), raffle, 2)
    await erase(market, first)
    second = await create_account(market, address)
    expect_error(await post_purchase(market.person_as(second), raffle, 2), 409, "raffles.spend_limit_reached")
    await limit(market, second, 9)
    expect_error(await post_purchase(market.person_as(second), raffle, 2), 409, "raffles.spend_limit_reached")
    await buy_tickets(market.person_as(second), raffle, 1)
    set_clock(market, hours=25)
    await buy_tickets(market.person_as(second), raffle, 6)


async def test_the_tickets_of_all_accounts_of_a_person_count_together(market: Market) -> None:
    raffle = await publish_raffle(market, per_person_limit=3)
    first, second = await create_account(market, ADDRESS), await create_account(market, LOOK_ALIKE)
    await buy_tickets(market.person_as(first), raffle, 2)
    expect_error(await post_purchase(market.person_as(second), raffle, 2), 409, "raffles.limit_reached")
    await buy_tickets(market.person_as(second), raffle, 1)
    await erase(market, first)
    third = await create_account(market, ADDRESS)
    expect_error(await post_purchase(market.person_as(third), raffle), 409, "raffles.limit_reached")


async def test_concurrent_purchases_by_two_accounts_of_a_person_stay_within_the_limit(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=5)
    people = [market.person_as(await create_account(market, address)) for address in (ADDRESS, LOOK_ALIKE)]
    answers = await asyncio.gather(*(post_purchase(people[number % 2], raffle) for number in range(16)))
    assert Counter(answer.status_code for answer in answers) == {201: 5, 409: 11}
    assert await ticket_counts(market, raffle) == (5, 0, 0)
