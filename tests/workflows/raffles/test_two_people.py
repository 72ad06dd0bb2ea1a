"""Two accounts of one person do not make two people, wherever two people must decide."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
import pytest

from luxewin.kit.access import Principal
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.domain.accounts import UserChange
from luxewin.modules.identity.public import Device, Role
from luxewin.modules.identity.service.change_user import change_user
from luxewin.modules.tenants.public import PLATFORM
from tests.security.operations import operations
from tests.workflows.market import Market, Person
from tests.workflows.raffles.scenario import (
    buy_tickets,
    expect,
    expect_error,
    lock_raffle,
    open_account,
    publish_raffle,
)

Decision = tuple[str, dict[str, Any], str]
"""The path of a proposal below its raffle, its body, and the path of its confirmation."""

CANCELLATION: Decision = ("cancellation", {"reason": "the prize was damaged"}, "cancellation/confirm")
DISQUALIFICATION: Decision = ("skips", {"number": 1, "reason": "staff", "note": "-"}, "skips/1/confirm")
EVERY_DECISION = pytest.mark.parametrize(
    "decision", [CANCELLATION, DISQUALIFICATION], ids=["cancellation", "disqualification"]
)
CODE = "identity.not_independent"
HOURS = "two_people.minimum_account_age_hours"
DAYS = "two_people.influence_days"


def test_every_operation_for_two_people_is_covered() -> None:
    confirming = {one.path for one in operations() if "raffles.two_people_needed" in str(one.declared["responses"])}
    independent = {one.path for one in operations() if CODE in str(one.declared["responses"])}
    covered = {"cancellation/confirm", "skips/{number}/confirm"}
    assert confirming == independent == {f"/api/v1/raffles/{{raffle_id}}/{path}" for path in covered}


async def proposed(market: Market, decision: Decision, by: Person) -> str:
    """Lock a raffle, propose the decision, and return the path that confirms it."""
    raffle = await publish_raffle(market)
    await buy_tickets(market.person(Role.CUSTOMER), raffle)
    await lock_raffle(market, raffle)
    proposal, body, confirmation = decision
    expect(await by.post(f"/raffles/{raffle['id']}/{proposal}", body), 201)
    return f"/raffles/{raffle['id']}/{confirmation}"


async def as_staff(market: Market, work: Callable[[Transaction], Awaitable[Any]], by: Principal | None = None) -> Any:
    return await market.database.run(market.tenant, by or market.staff.principal, work)


async def make_account(market: Market, by: Person | None = None) -> Person:
    """Let a member of staff, by default the first, create an account, which has come of age since."""
    maker = (by or market.staff).principal
    email = f"{new_id()}@example.com"
    user = await as_staff(
        market,
        lambda tx: identity.register(tx, name="B", email=email, password_hash="-", role=Role.ADMIN),
        by=maker,
    )
    await age(market, user.id)
    return person_of(market, user.id)


def person_of(market: Market, user_id: UUID) -> Person:
    return market.person_as(Principal(Role.ADMIN, user_id=user_id, session_id=new_id(), tenant_id=market.tenant.id))


async def age(market: Market, user_id: UUID) -> None:
    await market.as_owner(
        "UPDATE identity_users SET created_at = now() - interval '90 days' WHERE tenant_id = $1 AND id = $2",
        market.tenant.id,
        user_id,
    )


async def set_policy(market: Market, settings: dict[str, int]) -> None:
    await market.as_owner(
        "UPDATE tenants_registry SET settings = $2 WHERE id = $1", market.tenant.id, orjson.dumps(settings).decode()
    )


@EVERY_DECISION
async def test_an_account_made_minutes_ago_confirms_nothing(market: Market, decision: Decision) -> None:
    second = market.person(Role.ADMIN)
    await open_account(market, market.staff)
    await open_account(market, second, age_hours=0.1)
    path = await proposed(market, decision, market.staff)
    problem = expect_error(await second.post(path), 403, CODE)
    assert (problem["rule"], problem["user_id"]) == ("account_too_new", str(second.principal.user_id))
    assert "24 hours" in problem["detail"]


@EVERY_DECISION
@pytest.mark.parametrize("proposes", ["the maker", "the made"])
async def test_nobody_confirms_with_an_account_that_they_have_made(
    market: Market, decision: Decision, proposes: str
) -> None:
    await open_account(market, market.staff)
    made = await make_account(market)
    first, second = (market.staff, made) if proposes == "the maker" else (made, market.staff)
    path = await proposed(market, decision, first)
    assert expect_error(await second.post(path), 403, CODE)["rule"] == "account_created_by_other"
    third = market.person(Role.ADMIN)
    await open_account(market, third)
    expect(await third.post(path), 200)


@pytest.mark.parametrize("through", ["the same maker", "a chain", "an account of their maker"])
async def test_nobody_confirms_with_accounts_that_they_have_made_through_others(market: Market, through: str) -> None:
    await open_account(market, market.staff)
    made = await make_account(market)
    match through:
        case "the same maker":
            first, second = made, await make_account(market)
        case "a chain":
            first, second = market.staff, await make_account(market, by=made)
        case _:
            first, second = await make_account(market, by=made), await make_account(market)
    path = await proposed(market, CANCELLATION, first)
    assert expect_error(await second.post(path), 403, CODE)["rule"] == "accounts_made_by_one_person"


async def test_a_super_admin_may_make_the_accounts_of_both(market: Market) -> None:
    root = market.person_as(Principal(Role.SUPER_ADMIN, user_id=new_id(), session_id=new_id(), tenant_id=PLATFORM.id))
    first, second = await make_account(market, by=root), await make_account(market, by=root)
    expect(await second.post(await proposed(market, CANCELLATION, first)), 200)


@pytest.mark.parametrize(
    "change", [UserChange(role=Role.ADMIN), UserChange(email="mine@example.com")], ids=["role", "address"]
)
async def test_nobody_confirms_with_an_account_that_they_have_promoted_or_taken(
    market: Market, change: UserChange
) -> None:
    await open_account(market, market.staff)
    customer = person_of(market, new_id())
    await open_account(market, customer)
    user_id = customer.principal.user_id
    assert user_id is not None
    await market.as_owner(
        "UPDATE identity_users SET role = 'customer' WHERE tenant_id = $1 AND id = $2", market.tenant.id, user_id
    )

    async def promote(tx: Transaction) -> None:
        user = await identity.find_user(tx, user_id)
        assert user is not None
        await change_user(tx, user, change, reauthenticated=False)

    await as_staff(market, promote)
    path = await proposed(market, CANCELLATION, market.staff)
    assert expect_error(await customer.post(path), 403, CODE)["rule"] == "account_changed_by_other"


async def test_nobody_confirms_with_an_account_whose_password_they_have_reset(market: Market) -> None:
    second = market.person(Role.ADMIN)
    for person in (market.staff, second):
        await open_account(market, person)
    user_id = second.principal.user_id
    assert user_id is not None
    await market.as_owner(
        "INSERT INTO identity_credentials (tenant_id, user_id, password_hash, password_changed_at)"
        " VALUES ($1, $2, '-', now())",
        market.tenant.id,
        user_id,
    )

    async def reset(tx: Transaction) -> None:
        user = await identity.find_user(tx, user_id)
        assert user is not None
        await identity.reset_password(tx, user, password_hash="+", device=Device("", ""))

    await as_staff(market, reset)
    path = await proposed(market, CANCELLATION, market.staff)
    assert expect_error(await second.post(path), 403, CODE)["rule"] == "account_password_reset_by_other"


async def test_a_renamed_account_is_still_another_persons(market: Market) -> None:
    second = market.person(Role.ADMIN)
    for person in (market.staff, second):
        await open_account(market, person)
    user_id = second.principal.user_id
    assert user_id is not None

    async def rename(tx: Transaction) -> None:
        user = await identity.find_user(tx, user_id)
        assert user is not None
        await change_user(tx, user, UserChange(name="Bea"), reauthenticated=False)

    await as_staff(market, rename)
    expect(await second.post(await proposed(market, CANCELLATION, market.staff)), 200)


async def test_a_tenant_sets_the_age_of_accounts_and_how_long_an_influence_lasts(market: Market) -> None:
    await set_policy(market, {HOURS: 0, DAYS: 7})
    await open_account(market, market.staff, age_hours=0)
    made = await make_account(market)
    path = await proposed(market, CANCELLATION, market.staff)
    problem = expect_error(await made.post(path), 403, CODE)
    assert problem["rule"] == "account_created_by_other"
    await market.as_owner(
        "UPDATE kit_audit SET at = at - interval '8 days' WHERE tenant_id = $1 AND target = $2",
        market.tenant.id,
        str(made.principal.user_id),
    )
    expect(await made.post(path), 200)


async def test_a_super_admin_confirms_only_by_breaking_the_glass_with_a_reason(market: Market) -> None:
    await open_account(market, market.staff)
    root = market.person_as(Principal(Role.SUPER_ADMIN, user_id=new_id(), session_id=new_id(), tenant_id=PLATFORM.id))
    path = await proposed(market, CANCELLATION, market.staff)
    assert expect_error(await root.post(path), 403, CODE)["rule"] == "break_glass_needed"
    expect(await root.post(path, {"break_glass": "the other admin is ill"}), 200)
    ((actor, after),) = await market.rows(
        "SELECT actor, after::text FROM kit_audit WHERE tenant_id = $1 AND action = 'identity.glass_broken'"
    )
    assert actor == f"user:{root.principal.user_id}"
    assert "the other admin is ill" in after


async def test_an_admin_cannot_break_the_glass(market: Market) -> None:
    second = market.person(Role.ADMIN)
    await open_account(market, market.staff)
    await open_account(market, second, age_hours=0.1)
    path = await proposed(market, CANCELLATION, market.staff)
    problem = expect_error(await second.post(path, {"break_glass": "I am in a hurry"}), 403, CODE)
    assert problem["rule"] == "break_glass_forbidden"


@EVERY_DECISION
async def test_both_people_are_told(market: Market, decision: Decision) -> None:
    second = market.person(Role.ADMIN)
    for person in (market.staff, second):
        await open_account(market, person)
    expect(await second.post(await proposed(market, decision, market.staff)), 200)
    told = await market.rows(
        "SELECT user_id FROM identity_security_events WHERE tenant_id = $1 AND kind = 'decision_confirmed'"
    )
    assert {row["user_id"] for row in told} == {market.staff.principal.user_id, second.principal.user_id}
