"""Lists of orders: filters, search, sorting, and the stored payment status."""

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.modules.identity.public import Role, register
from luxewin.modules.orders.repository import INVARIANTS
from luxewin.modules.payments.domain.summary import EventAmount, EventType, PaymentStatus, summary_of
from tests.workflows.market import Market, Person

SHOPPER = "Ada.Shopper@Example.com"


async def listed(person: Person, **filters: Any) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    answer = await person.request("GET", f"/orders?{query}")
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def ids(person: Person, **filters: Any) -> list[str]:
    return [order["id"] for order in await listed(person, **filters)]


async def guest_order(market: Market, token: str = "tok_visa") -> dict[str, Any]:
    guest = market.guest()
    await guest.add_to_cart(await market.create_variant())
    body: dict[str, Any] = (await guest.check_out(token, email=SHOPPER)).json()
    return body


async def test_staff_find_an_order_by_number_address_status_payment_and_time(market: Market) -> None:
    theirs, mine = await guest_order(market), await market.buyer.place_order(await market.create_variant())
    for filters in (
        {"number": theirs["number"]},
        {"number": theirs["number"][:7].lower()},
        {"q": theirs["number"][:7]},
        {"q": "ada.shopper%40EXAMPLE.com"},
        {"email": "ADA.SHOPPER%40example.com", "payment_status": "paid", "status": "paid"},
    ):
        assert await ids(market.staff, **filters) == [theirs["id"]], filters
    assert await ids(market.staff, payment_status="refunded") == []
    between = {"placed_from": theirs["placed_at"], "placed_to": mine["placed_at"]}
    assert await ids(market.staff, **between) == [theirs["id"]], "the end of the interval is not part of it"
    assert await ids(market.staff, q="", number="", email="") == [mine["id"], theirs["id"]], "blanks are absent"


async def test_an_accounts_orders_are_found_by_its_address(market: Market) -> None:
    async with market.database.begin(market.tenant, SYSTEM) as tx:
        account = await register(tx, name="Ada", email=SHOPPER, password_hash="-")
    buyer = market.person_as(replace(market.buyer.principal, user_id=account.id))
    as_guest, as_account = await guest_order(market), await buyer.place_order(await market.create_variant())
    assert await ids(market.staff, email=SHOPPER.upper().replace("@", "%40")) == [as_account["id"], as_guest["id"]]


async def test_customers_find_their_own_orders_only(market: Market) -> None:
    mine, theirs = await market.buyer.place_order(await market.create_variant()), await guest_order(market)
    assert await ids(market.buyer, number=mine["number"]) == [mine["id"]]
    for person in (market.buyer, market.person(Role.VENDOR)):
        assert await ids(person, number=theirs["number"]) == []
        assert await ids(person, email=SHOPPER.replace("@", "%40")) == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("payment_status=payed", "payment_status"),
        ("placed_from=yesterday", "placed_from"),
        ("sort=price", "sort"),
        ("staus=paid", "staus"),
        ("email=ada", "email"),
        ("q=A&number=B", ""),
    ],
)
async def test_a_filter_that_cannot_be_understood_is_refused(market: Market, query: str, pointer: str) -> None:
    refused = await market.staff.request("GET", f"/orders?{query}")
    assert refused.status_code == 400
    assert any(pointer in error["pointer"] for error in refused.json()["errors"]), refused.text


@pytest.mark.parametrize("sort", ["placed_at", "-placed_at", "total", "-total", "number", "-number"])
async def test_pages_of_every_sort_hold_each_order_once(market: Market, sort: str) -> None:
    for price in (300, 100, 100, 200):
        await market.buyer.place_order(await market.create_variant(price_minor=price))
    name = sort.removeprefix("-")

    def key(order: dict[str, Any]) -> Any:
        return order["totals"]["total"]["amount"] if name == "total" else order[name]

    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        path = f"/orders?limit=1&sort={sort}" + (f"&cursor={cursor}" if cursor else "")
        page = (await market.staff.request("GET", path)).json()
        found += page["data"]
        cursor = page["next_cursor"]
    assert len({order["id"] for order in found}) == len(found) == 4
    assert [key(order) for order in found] == sorted(map(key, found), reverse=sort.startswith("-"))


async def test_the_stored_payment_status_follows_the_payments(market: Market) -> None:
    declined = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    assert await ids(market.staff, payment_status="unpaid") == [declined["id"]]
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    for amount, status in ((100, "part_refunded"), (order["totals"]["total"]["amount"] - 100, "refunded")):
        body = {"amount": {"amount": amount, "currency": "USD"}, "reason": "damaged"}
        refunded = await market.staff.post(f"/orders/{order['id']}/refunds", body)
        assert refunded.status_code == 201, refunded.text
        assert await ids(market.staff, payment_status=status) == [order["id"]]


async def test_the_database_derives_the_status_like_the_program(market: Market) -> None:
    chosen = random.Random(5)  # noqa: S311 - a test must be reproducible
    kinds, orders = list(EventType), range(400)
    events = [
        (UUID(int=order), UUID(int=chosen.randrange(3)), chosen.choice(kinds), chosen.choice((0, 1, 1, 2)))
        for order in orders
        for _ in range(chosen.randrange(1, 6))
    ]
    ((view,),) = await market.as_owner("SELECT pg_get_viewdef('payments_v_statuses'::regclass)")
    rows = await market.as_owner(
        "WITH payments_events AS (SELECT $1::uuid AS tenant_id, * FROM"
        " unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[]) AS e(order_id, attempt_id, type, amount_minor)) "
        + view,
        market.tenant.id,
        *map(list, zip(*events, strict=True)),
    )
    derived = {row["order_id"]: row["status"] for row in rows}
    expected = {
        UUID(int=order): summary_of(EventAmount(*event[1:]) for event in events if event[0].int == order).status
        for order in orders
    }
    assert derived == expected
    assert set(derived.values()) == set(PaymentStatus)


async def test_an_address_that_was_erased_only_where_it_is_shown_is_found(market: Market) -> None:
    order = await guest_order(market)
    query = INVARIANTS["An order has the folded form of its email address, and none without an address"]
    assert await market.as_owner(query, market.tenant.id) == []
    await market.as_owner("UPDATE orders_orders SET email_key = NULL WHERE id = $1", order["id"])
    assert len(await market.as_owner(query, market.tenant.id)) == 1
    await market.as_owner("UPDATE orders_orders SET email_key = lower(email) WHERE id = $1", order["id"])


async def test_a_payment_status_that_was_altered_is_found(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    query = INVARIANTS["An order's stored payment status is the one that follows from its payments"]
    assert await market.as_owner(query, market.tenant.id) == []
    await market.as_owner("UPDATE orders_orders SET payment_status = 'refunded' WHERE id = $1", order["id"])
    assert len(await market.as_owner(query, market.tenant.id)) == 1
    await market.as_owner("UPDATE orders_orders SET payment_status = 'paid' WHERE id = $1", order["id"])
