"""A line kind that is not built in is bought like any other."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.modules.line_kinds.public import KINDS
from tests.workflows.boxes import PRICE as BOX_PRICE
from tests.workflows.boxes import Boxes
from tests.workflows.market import PRICE, SHIPPING, Market
from tests.workflows.workflow_cases import must_be_settled


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> Boxes:
    """The third kind, registered."""
    third = Boxes()
    monkeypatch.setattr(KINDS, "kinds", (third, *KINDS.kinds))
    return third


def body_of(response: httpx2.Response, status: int) -> dict[str, Any]:
    """Return the body of a response, after checking its status."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


async def put_boxes(market: Market, boxes: Boxes, quantity: int) -> dict[str, Any]:
    (box_id,) = boxes.ids
    return body_of(await market.buyer.post("/cart/items", {"variant_id": str(box_id), "quantity": quantity}), 201)


async def test_a_third_kind_is_bought_with_goods_in_one_order(market: Market, boxes: Boxes) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    cart = await put_boxes(market, boxes, 2)
    assert [item["kind"] for item in cart["items"]] == ["goods", "subscription"]
    assert cart["items"][1]["total"] == {"amount": 2 * BOX_PRICE, "currency": "USD"}
    assert (cart["items"][1]["variant"], cart["items"][1]["raffle"]) == (None, None)
    order = body_of(await market.buyer.check_out("tok_visa"), 201)
    (box_id,) = boxes.ids
    assert order["status"] == "paid"
    assert [line["kind"] for line in order["items"]] == ["goods", "subscription"]
    assert (order["items"][1]["variant_id"], order["items"][1]["name"]) == (str(box_id), "A box each month")
    assert order["totals"]["total"]["amount"] == PRICE + SHIPPING + 2 * BOX_PRICE
    assert order == {**order, **await market.buyer.read_order(order["id"])}
    assert boxes.steps == {UUID(order["id"]): ["reserve", "fulfil"]}
    assert await market.find_violations() == []


async def test_units_of_a_third_kind_are_refunded(market: Market, boxes: Boxes) -> None:
    await put_boxes(market, boxes, 3)
    order = body_of(await market.buyer.check_out("tok_visa"), 201)
    returned = [{"line_id": order["items"][0]["id"], "quantity": 1}]
    refund = body_of(
        await market.staff.post(f"/orders/{order['id']}/refunds", {"lines": returned, "reason": "too many"}), 201
    )
    assert refund["amount"]["amount"] == BOX_PRICE
    assert boxes.steps[UUID(order["id"])] == ["reserve", "fulfil", "refund [1]"]
    await must_be_settled(market)


async def test_a_third_kind_that_nobody_pays_is_released(market: Market, boxes: Boxes) -> None:
    await put_boxes(market, boxes, 1)
    order = body_of(await market.buyer.check_out(), 201)
    await market.pass_time(minutes=40)
    await market.sweep()
    assert (await market.buyer.read_order(order["id"]))["status"] == "expired"
    assert boxes.steps[UUID(order["id"])] == ["reserve", "release: expired"]


async def test_a_third_kind_that_is_cancelled_is_released_or_refunded(market: Market, boxes: Boxes) -> None:
    for token, steps in ((None, ["reserve", "release: cancelled"]), ("tok_visa", ["reserve", "fulfil", "refund [1]"])):
        await put_boxes(market, boxes, 1)
        order = body_of(await market.buyer.check_out(token), 201)
        body_of(await market.buyer.post(f"/orders/{order['id']}/cancel", {}), 200)
        assert boxes.steps[UUID(order["id"])] == steps


async def test_a_third_kind_has_errors_of_its_own(market: Market, boxes: Boxes) -> None:
    (box_id,) = boxes.ids
    refused = await market.buyer.post("/cart/items", {"variant_id": str(box_id), "quantity": 11})
    assert (refused.status_code, refused.json()["code"]) == (409, "request.conflict")
