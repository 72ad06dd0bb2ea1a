"""The idempotency keys of guests are scoped by tokens that the shop has issued, never by what anybody can choose."""

from typing import Any

import pytest

from tests.workflows.market import Market, Person


async def order(guest: Person, variant_id: object, *, key: str) -> Any:
    address = {"name": "Ada", "line1": "1 Way", "city": "Bath", "postal_code": "BA1 1AA", "country": "GB"}
    body = {
        "email": "ada@example.com",
        "shipping_address": address,
        "items": [{"variant_id": str(variant_id), "quantity": 1}],
    }
    return await guest.request("POST", "/orders", body, key=key)


@pytest.mark.parametrize("token", ["x", "A" * 43])
async def test_a_token_that_a_guest_has_chosen_opens_no_stored_response(market: Market, token: str) -> None:
    variant_id = await market.create_variant()
    for _ in range(2):
        guest = market.guest()
        guest.headers["x-cart-token"] = token
        refused = await order(guest, variant_id, key="one")
        assert refused.status_code == 404, refused.text
    assert await market.rows("SELECT 1 FROM kit_idempotency_keys WHERE tenant_id = $1 AND key = 'one'") == []
