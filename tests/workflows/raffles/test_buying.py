"""A purchase of tickets is a line of an order: one money, one state, numbers without a gap."""

from hashlib import sha256
from uuid import UUID

import pytest

from luxewin.kit.access import Role
from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import Market, pay_with, told_once
from tests.workflows.raffles.fair import (
    TICKET_PRICE,
    bought,
    buy,
    buyers,
    counts,
    numbers,
    published,
    refused,
    seen,
    told,
)


async def test_paid_tickets_are_numbered_in_order_of_sale(market: Market) -> None:
    raffle = await published(market)
    first = await bought(market.buyer, raffle, 2)
    second = await bought(market.person(Role.CUSTOMER), raffle, 3)
    assert (numbers(first), numbers(second)) == ([1, 2], [3, 4, 5])
    assert (first["status"], first["amount"]) == ("paid", {"amount": 2 * TICKET_PRICE, "currency": "USD"})
    assert await counts(market, raffle) == (5, 0, 0)


async def test_a_ticket_commits_to_its_holder_under_a_salt_that_only_they_see(market: Market) -> None:
    raffle = await published(market)
    purchase = await bought(market.buyer, raffle, 2)
    raffle_id, entrant_id = UUID(raffle["id"]), market.buyer.principal.user_id
    assert entrant_id is not None
    tag = sha256(b"LW1/holder" + raffle_id.bytes + entrant_id.bytes).digest()
    for ticket in purchase["tickets"]:
        opened = sha256(b"LW1/commit" + bytes.fromhex(ticket["salt"]) + tag).hexdigest()
        assert opened == ticket["commit"]
    own = told(await market.buyer.ask("GET", f"/raffles/{raffle['id']}/tickets"), 200)
    assert own["data"] == purchase["tickets"]
    other = market.person(Role.CUSTOMER)
    assert told(await other.ask("GET", f"/raffles/{raffle['id']}/tickets"), 200)["data"] == []
    refused(await other.ask("GET", f"/purchases/{purchase['id']}"), 404, "request.not_found")
    refused(await market.staff.ask("GET", f"/purchases/{purchase['id']}"), 404, "request.not_found")
    salts = await market.rows("SELECT sealed_salts FROM raffles_purchases WHERE tenant_id = $1")
    assert all(bytes.fromhex(ticket["salt"]) not in salts[0][0] for ticket in purchase["tickets"])


async def test_a_purchase_and_its_order_are_one(market: Market) -> None:
    raffle = await published(market)
    purchase = await bought(market.buyer, raffle, 2)
    order = await market.buyer.seen(purchase["order_id"])
    (line,) = order["items"]
    assert (line["id"], line["kind"], line["raffle_id"]) == (purchase["id"], "ticket", raffle["id"])
    assert (line["variant_id"], order["shipping_address"]) == (None, None)
    assert (order["status"], order["totals"]["total"]) == ("paid", purchase["amount"])
    assert told(await market.buyer.ask("GET", f"/purchases/{purchase['id']}"), 200) == purchase
    assert told(await market.buyer.ask("GET", "/purchases"), 200)["data"] == [purchase]


async def test_the_money_of_tickets_is_deferred_under_their_raffle(market: Market) -> None:
    raffle = await published(market)
    await bought(market.buyer, raffle, 3)
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, UUID(raffle["id"])) == -3 * TICKET_PRICE
    assert await market.flow.balance(AccountKind.OWN_SALES) == 0
    assert (await market.books()).held_minor == 3 * TICKET_PRICE


async def test_tickets_are_held_until_their_order_is_paid_or_expires(market: Market) -> None:
    raffle = await published(market)
    held = await bought(market.buyer, raffle, 4, token=None)
    assert (held["status"], held["tickets"], await counts(market, raffle)) == ("pending", [], (0, 4, 0))
    assert (await seen(market, raffle))["tickets_left"] == 6
    paid = await market.buyer.post(f"/orders/{held['order_id']}/payments", pay_with("tok_visa"))
    assert paid.status_code == 201, paid.text
    assert numbers(told(await market.buyer.ask("GET", f"/purchases/{held['id']}"), 200)) == [1, 2, 3, 4]
    other = market.person(Role.CUSTOMER)
    left = await bought(other, raffle, 4, token=None)
    await market.pass_time(minutes=31)
    await market.sweep()
    assert told(await other.ask("GET", f"/purchases/{left['id']}"), 200)["status"] == "declined"
    assert await counts(market, raffle) == (4, 0, 0)
    assert numbers(await bought(other, raffle, 4)) == [5, 6, 7, 8]


async def test_a_declined_payment_leaves_the_tickets_held(market: Market) -> None:
    raffle = await published(market)
    problem = refused(await buy(market.buyer, raffle, 2, token="tok_declined"), 402, "payments.declined")
    assert await counts(market, raffle) == (0, 2, 0)
    again = await market.buyer.post(f"/orders/{problem['order_id']}/payments", pay_with("tok_visa"))
    assert again.status_code == 201, again.text
    assert await counts(market, raffle) == (2, 0, 0)


async def test_a_payment_of_unknown_outcome_resolves_by_itself(market: Market) -> None:
    raffle = await published(market)
    purchase = told(await buy(market.buyer, raffle, 2, token="tok_unknown"), 202)
    assert (purchase["status"], purchase["tickets"]) == ("unknown", [])
    await market.settle_down()
    assert numbers(told(await market.buyer.ask("GET", f"/purchases/{purchase['id']}"), 200)) == [1, 2]


async def test_an_unpaid_order_of_tickets_can_be_cancelled_by_its_buyer(market: Market) -> None:
    raffle = await published(market)
    held = await bought(market.buyer, raffle, 2, token=None)
    told(await market.buyer.post(f"/orders/{held['order_id']}/cancel", {}), 200)
    assert await counts(market, raffle) == (0, 0, 0)
    assert numbers(await bought(market.buyer, raffle, 4)) == [1, 2, 3, 4]


async def test_paid_tickets_can_be_given_back_by_staff_alone_and_keep_their_numbers(market: Market) -> None:
    raffle = await published(market)
    purchase = await bought(market.buyer, raffle, 4)
    path = f"/orders/{purchase['order_id']}/cancel"
    refused(await market.buyer.post(path, {}), 409, "raffles.tickets_final")
    told(await market.staff.post(path, {"reason": "asked for"}), 200)
    assert await counts(market, raffle) == (4, 0, 4)
    after = told(await market.buyer.ask("GET", f"/purchases/{purchase['id']}"), 200)
    assert (after["status"], {ticket["status"] for ticket in after["tickets"]}) == ("refunded", {"void"})
    assert (await market.books()).held_minor == 0
    assert await market.flow.balance(AccountKind.RAFFLE_DEFERRED, UUID(raffle["id"])) == 0
    assert numbers(await bought(market.buyer, raffle, 4)) == [5, 6, 7, 8]


async def test_a_refund_gives_tickets_back_by_whole_purchases(market: Market) -> None:
    raffle = await published(market)
    purchase = await bought(market.buyer, raffle, 3)
    path = f"/orders/{purchase['order_id']}/refunds"
    amount = {"amount": TICKET_PRICE, "currency": "USD"}
    one, all_ = ({"lines": [{"line_id": purchase["id"], "quantity": count}], "reason": "asked for"} for count in (1, 3))
    refused(await market.staff.post(path, one), 400, "orders.refund_invalid")
    refused(await market.staff.post(path, {**all_, "amount": amount}), 400, "orders.refund_invalid")
    refused(await market.staff.post(path, {"amount": amount, "reason": "a bit"}), 409, "orders.not_refundable")
    given = told(await market.staff.post(path, all_), 201)
    assert given["amount"] == purchase["amount"]
    refused(await market.staff.post(path, all_), 409, "orders.refund_too_large")
    assert await counts(market, raffle) == (3, 0, 3)
    await market.settle_down()
    assert (await market.books()).held_minor == 0


async def test_capacity_and_personal_limit_are_told(market: Market) -> None:
    raffle = await published(market)
    assert refused(await buy(market.buyer, raffle, 5), 409, "raffles.limit_reached")["limit"] == 4
    await bought(market.buyer, raffle, 3)
    refused(await buy(market.buyer, raffle, 2), 409, "raffles.limit_reached")
    for person in buyers(market, 2):
        await bought(person, raffle, 3)
    assert refused(await buy(market.person(Role.CUSTOMER), raffle, 2), 409, "raffles.sold_out")["left"] == 1


async def test_a_question_must_be_answered(market: Market) -> None:
    raffle = await published(market, skill_question={"question": "The capital of Norway?", "answer": "Oslo"})
    refused(await buy(market.buyer, raffle), 409, "raffles.answer_wrong")
    refused(await buy(market.buyer, raffle, skill_answer="Bergen"), 409, "raffles.answer_wrong")
    assert numbers(await bought(market.buyer, raffle, skill_answer=" oslo ")) == [1]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPER_ADMIN])
async def test_staff_does_not_take_part(market: Market, role: Role) -> None:
    refused(await buy(market.person(role), await published(market)), 403, "raffles.staff_excluded")


async def test_a_guest_is_asked_to_sign_in(market: Market) -> None:
    refused(await buy(market.guest(), await published(market)), 401, "identity.unauthenticated")


async def test_tickets_that_cost_nothing_are_issued_at_once(market: Market) -> None:
    raffle = await published(market, ticket_price={"amount": 0, "currency": "USD"})
    purchase = await bought(market.buyer, raffle, 2, token=None)
    assert (numbers(purchase), purchase["status"]) == ([1, 2], "paid")


async def test_a_purchase_can_be_rehearsed(market: Market) -> None:
    raffle = await published(market)
    body = {"quantity": 2, "payment": pay_with("tok_visa")}
    answer = await market.buyer.ask("POST", f"/raffles/{raffle['id']}/purchases", body, dry_run=True)
    assert told(answer, 201)["quantity"] == 2
    assert await counts(market, raffle) == (0, 0, 0)
    assert await market.rows("SELECT id FROM orders_orders WHERE tenant_id = $1") == []


async def test_a_repeat_under_the_same_key_buys_once(market: Market) -> None:
    raffle = await published(market)
    first = await buy(market.buyer, raffle, 2, key="one")
    assert told_once(await buy(market.buyer, raffle, 2, key="one")) == told_once(first)
    assert await counts(market, raffle) == (2, 0, 0)
