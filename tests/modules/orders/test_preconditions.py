"""A write with `If-Match` changes an order only in the version that its caller has seen."""

import asyncio
from typing import Any

import pytest

from tests.workflows.market import Market, Person, pay_with

AMOUNT = {"amount": 500, "currency": "USD"}
STALE = '"1"'


async def seen(person: Person, order: dict[str, Any]) -> str:
    """Return the entity tag of an order."""
    tag: str = (await person.request("GET", f"/orders/{order['id']}")).headers["etag"]
    return tag


async def test_of_two_people_who_refund_what_both_have_seen_one_does(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_visa")
    market.staff.headers["if-match"] = await seen(market.staff, order)
    body = {"amount": AMOUNT, "reason": "scratched"}
    answers = await asyncio.gather(*(market.staff.post(f"/orders/{order['id']}/refunds", body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412, 412, 412]
    assert (await market.gateway_totals()).refunded_minor == 500


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("token", "path", "body"),
    [
        (None, "cancel", {}),
        ("tok_3ds", "cancel", {}),
        ("tok_visa", "cancel", {}),
        ("tok_visa", "refunds", {"reason": "scratched"}),
        ("tok_declined", "payments", pay_with("tok_visa")),
        ("tok_3ds", "payments/{payment}/confirm", {"approve": True}),
    ],
    ids=["cancel unpaid", "cancel open", "cancel paid", "refund", "pay", "confirm"],
)
async def test_only_the_version_that_was_seen_is_changed(
    market: Market, token: str | None, path: str, body: dict[str, Any], dry_run: bool
) -> None:
    await market.buyer.add_to_cart(await market.create_variant())
    placed = (await market.buyer.check_out(token)).json()
    order = await market.buyer.read_order(placed.get("order_id") or placed["id"])
    path = f"/orders/{order['id']}/{path}".replace("{payment}", order["payments"][0]["id"] if token else "")
    person = market.staff if path.endswith("refunds") else market.buyer
    current = await seen(person, order)
    person.headers["if-match"] = STALE if current != STALE else '"0"'
    refused = await person.request("POST", path, body, dry_run=dry_run)
    assert (refused.status_code, refused.json()["code"]) == (412, "request.precondition_failed")
    assert await market.buyer.read_order(order["id"]) == order
    person.headers["if-match"] = current
    accepted = await person.request("POST", path, body, key="once", dry_run=dry_run)
    assert accepted.is_success, accepted.text
    if not dry_run:
        assert (await person.request("POST", path, body, key="once")).content == accepted.content
