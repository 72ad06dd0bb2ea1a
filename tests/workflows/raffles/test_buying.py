"""A purchase of tickets is a line of an order: one payment, one status, numbers without a gap."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest

from luxewin.modules.identity.public import Role
from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import Market, pay_with, status_and_content
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    buy_tickets,
    customers,
    expect,
    expect_error,
    post_purchase,
    publish_raffle,
    read_raffle,
    ticket_counts,
    ticket_numbers,
)


async def test_paid_tickets_are_numbered_in_order_of_sale(market: Market) -> None:
    raffle = await publish_raffle(market)
    first = await buy_tickets(market.buyer, raffle, 2)
    second = await buy_tickets(market.person(Role.CUSTOMER), raffle, 3)
    assert (ticket_numbers(first), ticket_numbers(second)) == ([1, 2], [3, 4, 5])
    assert (first["status"], first["amount"]) == ("paid", {"amount": 2 * TICKET_PRICE, "currency": "USD"})
    assert await ticket_counts(market, raffle) == (5, 0, 0)


async def test_own_tickets_come_in_pages_over_all_purchases(market: Market) -> None:
    raffle = await publish_raffle(market)
    bought = [number for count in (1, 1, 2) for number in await _bought(market, raffle, count)]
    seen: list[list[int]] = []
    cursor: str | None = ""
    while cursor is not None:
        path = f"/raffles/{raffle['id']}/tickets?limit=3" + (cursor and f"&cursor={cursor}")
        page = expect(await market.buyer.request("GET", path), 200)
        seen.append([ticket["number"] for ticket in page["data"]])
        cursor = page["next_cursor"]
    assert seen == [bought[:3], bought[3:]]


async def _bought(market: Market, raffle: dict[str, Any], count: int) -> list[int]:
    """Buy tickets after those of another person, and return their numbers."""
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 1)
    return [ticket["number"] for ticket in (await buy_tickets(market.buyer, raffle, count))["tickets"]]


async def test_a_ticket_commits_to_its_holder_with_a_salt_that_only_they_see(market: Market) -> None:
    raffle = await publish_raffle(market)
    purchase = await buy_tickets(market.buyer, raffle, 2)
    raffle_id, entrant_id = UUID(raffle["id"]), market.buyer.principal.user_id
    assert entrant_id is not None
    tag = sha256(b"LW1/holder" + raffle_id.bytes + entrant_id.bytes).digest()
    for ticket in purchase["tickets"]:
        opened = sha256(b"LW1/commit" + bytes.fromhex(ticket["salt"]) + tag).hexdigest()
        assert opened == ticket["commit"]
    own = expect(await market.buyer.request("GET", f"/raffles/{raffle['id']}/tickets"), 200)
    assert own["data"] == purchase["tickets"]
    other = market.person(Role.CUSTOMER)
    assert expect(await other.request("GET", f"/raffles/{raffle['id']}/tickets"), 200)["data"] == []
    expect_error(await other.request("GET", f"/purchases/{purchase['id']}"), 404, "request.not_found")
    expect_error(await market.staff.request("GET", f"/purchases/{purchase['id']}"), 404, "request.not_found")
    salts = await market.rows("SELECT sealed_salts FROM raffles_purchases WHERE tenant_id = $1")
    assert all(bytes.fromhex(ticket["salt"]) not in salts[0][0] for ticket in purchase["tickets"])


async def test_a_purchase_is_a_line_of_its_order(market: Market) -> None:
    raffle = await publish_raffle(market)
    purchase = await buy_tickets(market.buyer, raffle, 2)
    order = await market.buyer.read_order(purchase["order_id"])
    (line,) = order["items"]
    assert (line["id"], line["kind"], line["raffle_id"]) == (purchase["id"], "ticket", raffle["id"])
    assert (line["variant_id"], order["shipping_address"]) == (None, None)
    assert (order["status"], order["totals"]["total"]) == ("paid", purchase["amount"])
    assert expect(await market.buyer.request("GET", f"/purchases/{purchase['id']}"), 200) == purchase
    assert expect(await market.buyer.request("GET", "/purchases"), 200)["data"] == [purchase]


async def test_the_money_of_tickets_is_deferred_under_their_raffle(market: Market) -> None:
    raffle = await publish_raffle(market)
    await buy_tickets(market.buyer, raffle, 3)
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, UUID(raffle["id"])) == -3 * TICKET_PRICE
    assert await market.flow.balance(AccountKind.OWN_SALES) == 0
    assert (await market.gateway_totals()).held_minor == 3 * TICKET_PRICE


async def test_tickets_are_held_until_their_order_is_paid_or_expires(market: Market) -> None:
    raffle = await publish_raffle(market)
    held = await buy_tickets(market.buyer, raffle, 4, token=None)
    assert (held["status"], held["tickets"], await ticket_counts(market, raffle)) == ("pending", [], (0, 4, 0))
    assert (await read_raffle(market, raffle))["tickets_left"] == 6
    paid = await market.buyer.post(f"/orders/{held['order_id']}/payments", pay_with("tok_visa"))
    assert paid.status_code == 201, paid.text
    assert ticket_numbers(expect(await market.buyer.request("GET", f"/purchases/{held['id']}"), 200)) == [1, 2, 3, 4]
    other = market.person(Role.CUSTOMER)
    left = await buy_tickets(other, raffle, 4, token=None)
    await market.pass_time(minutes=31)
    await market.sweep()
    assert expect(await other.request("GET", f"/purchases/{left['id']}"), 200)["status"] == "declined"
    assert await ticket_counts(market, raffle) == (4, 0, 0)
    assert ticket_numbers(await buy_tickets(other, raffle, 4)) == [5, 6, 7, 8]


async def test_a_declined_payment_leaves_the_tickets_held(market: Market) -> None:
    raffle = await publish_raffle(market)
    problem = expect_error(await post_purchase(market.buyer, raffle, 2, token="tok_declined"), 402, "payments.declined")
    assert await ticket_counts(market, raffle) == (0, 2, 0)
    again = await market.buyer.post(f"/orders/{problem['order_id']}/payments", pay_with("tok_visa"))
    assert again.status_code == 201, again.text
    assert await ticket_counts(market, raffle) == (2, 0, 0)


async def test_a_payment_of_unknown_outcome_resolves_by_itself(market: Market) -> None:
    raffle = await publish_raffle(market)
    purchase = expect(await post_purchase(market.buyer, raffle, 2, token="tok_unknown"), 202)
    assert (purchase["status"], purchase["tickets"]) == ("unknown", [])
    await market.settle_down()
    assert ticket_numbers(expect(await market.buyer.request("GET", f"/purchases/{purchase['id']}"), 200)) == [1, 2]


async def test_an_unpaid_order_of_tickets_can_be_cancelled_by_its_buyer(market: Market) -> None:
    raffle = await publish_raffle(market)
    held = await buy_tickets(market.buyer, raffle, 2, token=None)
    expect(await market.buyer.post(f"/orders/{held['order_id']}/cancel", {}), 200)
    assert await ticket_counts(market, raffle) == (0, 0, 0)
    assert ticket_numbers(await buy_tickets(market.buyer, raffle, 4)) == [1, 2, 3, 4]


async def test_paid_tickets_can_be_refunded_only_by_staff_and_keep_their_numbers(market: Market) -> None:
    raffle = await publish_raffle(market)
    purchase = await buy_tickets(market.buyer, raffle, 4)
    path = f"/orders/{purchase['order_id']}/cancel"
    expect_error(await market.buyer.post(path, {}), 409, "raffles.tickets_final")
    expect(await market.staff.post(path, {"reason": "asked for"}), 200)
    assert await ticket_counts(market, raffle) == (4, 0, 4)
    after = expect(await market.buyer.request("GET", f"/purchases/{purchase['id']}"), 200)
    assert (after["status"], {ticket["status"] for ticket in after["tickets"]}) == ("refunded", {"void"})
    assert (await market.gateway_totals()).held_minor == 0
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, UUID(raffle["id"])) == 0
    assert ticket_numbers(await buy_tickets(market.buyer, raffle, 4)) == [5, 6, 7, 8]


async def test_a_refund_of_tickets_covers_complete_purchases(market: Market) -> None:
    raffle = await publish_raffle(market)
    purchase = await buy_tickets(market.buyer, raffle, 3)
    path = f"/orders/{purchase['order_id']}/refunds"
    amount = {"amount": TICKET_PRICE, "currency": "USD"}
    one, all_ = ({"lines": [{"line_id": purchase["id"], "quantity": count}], "reason": "asked for"} for count in (1, 3))
    expect_error(await market.staff.post(path, one), 400, "orders.refund_invalid")
    expect_error(await market.staff.post(path, {**all_, "amount": amount}), 400, "orders.refund_invalid")
    expect_error(await market.staff.post(path, {"amount": amount, "reason": "a bit"}), 409, "orders.not_refundable")
    given = expect(await market.staff.post(path, all_), 201)
    assert given["amount"] == purchase["amount"]
    expect_error(await market.staff.post(path, all_), 409, "orders.refund_too_large")
    assert await ticket_counts(market, raffle) == (3, 0, 3)
    await market.settle_down()
    assert (await market.gateway_totals()).held_minor == 0


async def test_errors_report_the_capacity_and_the_personal_limit(market: Market) -> None:
    raffle = await publish_raffle(market)
    assert expect_error(await post_purchase(market.buyer, raffle, 5), 409, "raffles.limit_reached")["limit"] == 4
    await buy_tickets(market.buyer, raffle, 3)
    expect_error(await post_purchase(market.buyer, raffle, 2), 409, "raffles.limit_reached")
    for person in customers(market, 2):
        await buy_tickets(person, raffle, 3)
    assert (
        expect_error(await post_purchase(market.person(Role.CUSTOMER), raffle, 2), 409, "raffles.sold_out")["left"] == 1
    )


async def test_a_question_must_be_answered(market: Market) -> None:
    raffle = await publish_raffle(market, skill_question={"question": "The capital of Norway?", "answer": "Oslo"})
    expect_error(await post_purchase(market.buyer, raffle), 409, "raffles.answer_wrong")
    expect_error(await post_purchase(market.buyer, raffle, skill_answer="Bergen"), 409, "raffles.answer_wrong")
    assert ticket_numbers(await buy_tickets(market.buyer, raffle, skill_answer=" oslo ")) == [1]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPER_ADMIN])
async def test_staff_does_not_take_part(market: Market, role: Role) -> None:
    expect_error(await post_purchase(market.person(role), await publish_raffle(market)), 403, "raffles.staff_excluded")


async def test_a_guest_is_asked_to_sign_in(market: Market) -> None:
    expect_error(await post_purchase(market.guest(), await publish_raffle(market)), 401, "identity.unauthenticated")


async def test_free_tickets_are_issued_at_once(market: Market) -> None:
    raffle = await publish_raffle(market, ticket_price={"amount": 0, "currency": "USD"})
    purchase = await buy_tickets(market.buyer, raffle, 2, token=None)
    assert (ticket_numbers(purchase), purchase["status"]) == ([1, 2], "paid")


async def test_a_purchase_has_a_dry_run(market: Market) -> None:
    raffle = await publish_raffle(market)
    body = {"quantity": 2, "payment": pay_with("tok_visa")}
    answer = await market.buyer.request("POST", f"/raffles/{raffle['id']}/purchases", body, dry_run=True)
    assert expect(answer, 201)["quantity"] == 2
    assert await ticket_counts(market, raffle) == (0, 0, 0)
    assert await market.rows("SELECT id FROM orders_orders WHERE tenant_id = $1") == []


async def test_a_repeat_with_the_same_key_buys_once(market: Market) -> None:
    raffle = await publish_raffle(market)
    first = await post_purchase(market.buyer, raffle, 2, key="one")
    assert status_and_content(await post_purchase(market.buyer, raffle, 2, key="one")) == status_and_content(first)
    assert await ticket_counts(market, raffle) == (2, 0, 0)
