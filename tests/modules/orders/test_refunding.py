"""Refunds and cancellations: the money is refunded once, and the units are restocked once."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.workflows.market import PRICE, SHIPPING, TOTAL, Market


async def refund(market: Market, order: dict[str, Any], **body: Any) -> httpx2.Response:
    return await market.staff.post(f"/orders/{order['id']}/refunds", {"reason": "sent back", **body})


async def cancel(market: Market, order: dict[str, Any]) -> httpx2.Response:
    return await market.buyer.post(f"/orders/{order['id']}/cancel", {})


def dollars(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "USD"}


async def test_refunds_sum_to_what_was_paid_and_empty_every_account(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    for minor in (1, 3_333, 7):
        assert (await refund(market, order, amount=dollars(minor))).status_code == 201
    rest = await refund(market, order)
    assert rest.json()["amount"] == dollars(TOTAL - 3_341)
    assert set((await market.money()).values()) == {0}
    assert (await market.gateway_totals()).held_minor == 0
    nothing = await refund(market, order, amount=dollars(1))
    assert (nothing.status_code, nothing.json()["code"]) == (409, "orders.not_refundable")


async def test_simultaneous_refunds_give_back_no_more_than_was_paid(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    answers = await asyncio.gather(*(refund(market, order, amount=dollars(4_000)) for _ in range(6)))
    granted = [answer for answer in answers if answer.status_code == 201]
    assert len(granted) <= 2
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert (await market.gateway_totals()).refunded_minor == 4_000 * len(granted)


async def test_lines_refund_their_price_and_their_units_and_never_more_than_were_sold(market: Market) -> None:
    variant_id = await market.create_variant(stock=5)
    order = await market.buyer.place_order(variant_id, "tok_visa", quantity=3)
    line_id = order["items"][0]["id"]
    two = await refund(market, order, lines=[{"line_id": line_id, "quantity": 2}], restock=True)
    assert two.json()["amount"] == dollars(2 * PRICE)
    assert await market.stock.available(variant_id) == 4
    too_many = await refund(market, order, amount=dollars(1), lines=[{"line_id": line_id, "quantity": 2}], restock=True)
    assert (too_many.status_code, too_many.json()["code"]) == (409, "orders.refund_too_large")
    not_restocked = await refund(market, order, lines=[{"line_id": line_id, "quantity": 1}])
    assert not_restocked.json()["amount"] == dollars(PRICE)
    assert await market.stock.available(variant_id) == 4


@pytest.mark.parametrize("amount", [None, 1])
async def test_a_line_of_another_order_is_not_refunded(market: Market, amount: int | None) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    asked = {} if amount is None else {"amount": dollars(amount)}
    answer = await refund(market, order, lines=[{"line_id": str(uuid4()), "quantity": 1}], restock=True, **asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "orders.refund_invalid")
    assert (await market.gateway_totals()).refunded_minor == 0


async def test_a_cancellation_after_a_refund_returns_the_rest_of_the_money_and_of_the_units(
    market: Market,
) -> None:
    variant_id = await market.create_variant(stock=5)
    order = await market.buyer.place_order(variant_id, "tok_visa", quantity=3)
    lines = [{"line_id": order["items"][0]["id"], "quantity": 1}]
    assert (await refund(market, order, lines=lines, restock=True)).status_code == 201
    cancelled = (await cancel(market, order)).json()
    assert (cancelled["status"], cancelled["payment_status"]) == ("cancelled", "refunded")
    assert [entry["amount"]["amount"] for entry in cancelled["refunds"]] == [PRICE, 2 * PRICE + SHIPPING]
    assert await market.stock.available(variant_id) == 5
    assert set((await market.money()).values()) == {0}


async def test_units_restocked_with_an_amount_are_named_and_not_restocked_again(market: Market) -> None:
    variant_id = await market.create_variant(stock=5)
    order = await market.buyer.place_order(variant_id, "tok_visa", quantity=2)
    unnamed = await refund(market, order, amount=dollars(500), restock=True)
    assert (unnamed.status_code, unnamed.json()["errors"][0]["pointer"]) == (400, "/lines")
    lines = [{"line_id": order["items"][0]["id"], "quantity": 1}]
    assert (await refund(market, order, amount=dollars(500), lines=lines, restock=True)).status_code == 201
    assert await market.stock.available(variant_id) == 4
    assert (await cancel(market, order)).status_code == 200
    assert await market.stock.available(variant_id) == 5


@pytest.mark.parametrize("give_back", [cancel, partial(refund, restock=True)], ids=["cancelled", "refunded"])
async def test_units_that_were_sold_untracked_do_not_come_back_into_the_first_count(
    market: Market, give_back: Callable[[Market, dict[str, Any]], Awaitable[httpx2.Response]]
) -> None:
    variant_id = await market.create_variant(stock=None)
    order = await market.buyer.place_order(variant_id, "tok_visa", quantity=2)
    await market.stock.adjust(variant_id, on_hand=3)
    assert (await give_back(market, order)).is_success
    assert await market.stock.available(variant_id) == 3


async def test_units_that_cost_nothing_are_not_refunded_and_the_error_says_how_to_restock_them(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(price_minor=0), "tok_visa")
    lines = [{"line_id": order["items"][0]["id"], "quantity": 1}]
    refused = await refund(market, order, lines=lines, restock=True)
    assert (refused.status_code, refused.json()["code"]) == (400, "orders.refund_invalid")
    assert "/inventory/adjustments" in refused.json()["detail"]


async def test_an_empty_list_of_lines_is_refused_and_refunds_nothing(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    refused = await refund(market, order, lines=[])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/lines")
    assert (await market.gateway_totals()).refunded_minor == 0


async def test_a_line_that_is_named_twice_is_refused(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa", quantity=2)
    refused = await refund(market, order, lines=[{"line_id": order["items"][0]["id"], "quantity": 1}] * 2)
    assert (refused.status_code, refused.json()["code"]) == (400, "orders.refund_invalid")


async def test_a_refund_shows_its_lines_and_whether_they_went_into_stock(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa", quantity=4)
    one = [{"line_id": order["items"][0]["id"], "quantity": 1}]
    rest = [{"line_id": order["items"][0]["id"], "quantity": 2}]
    seen = []
    for body, lines, restocked, refunded in (
        ({"lines": one, "restock": True}, one, True, 1),
        ({"lines": one}, one, False, 2),
        ({"amount": dollars(1)}, [], False, 2),
        ({}, rest, False, 4),
    ):
        granted = (await refund(market, order, **body)).json()
        assert (granted["lines"], granted["restocked"]) == (lines, restocked)
        seen.append(granted)
        read = await market.buyer.read_order(order["id"])
        assert read["refunds"] == seen
        assert read["items"][0]["refunded_quantity"] == refunded


async def test_a_cancellation_shows_what_went_back_into_stock(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa", quantity=2)
    cancelled = (await cancel(market, order)).json()
    (granted,) = cancelled["refunds"]
    assert granted["restocked"] is True
    assert granted["lines"] == [{"line_id": order["items"][0]["id"], "quantity": 2}]
    assert cancelled["items"][0]["refunded_quantity"] == 2


async def test_an_order_that_was_refunded_in_full_is_cancelled_without_another_refund(market: Market) -> None:
    variant_id = await market.create_variant(stock=5)
    order = await market.buyer.place_order(variant_id, "tok_visa")
    assert (await refund(market, order)).status_code == 201
    cancelled = await cancel(market, order)
    assert (cancelled.status_code, len(cancelled.json()["refunds"])) == (200, 1)
    assert await market.stock.available(variant_id) == 5


@pytest.mark.parametrize("token", [None, "tok_declined"])
async def test_an_unpaid_order_is_not_refunded(market: Market, token: str | None) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    answer = await market.buyer.check_out(token)
    order = {"id": answer.json().get("order_id") or answer.json()["id"]}
    refused = await refund(market, order)
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.not_refundable")


async def test_one_of_simultaneous_cancellations_refunds_the_money(market: Market) -> None:
    variant_id = await market.create_variant(stock=5)
    order = await market.buyer.place_order(variant_id, "tok_visa")
    answers = await asyncio.gather(*(cancel(market, order) for _ in range(5)))
    assert [answer.status_code for answer in answers].count(200) == 1
    assert (await market.gateway_totals()).refunded_minor == TOTAL
    assert await market.stock.available(variant_id) == 5
