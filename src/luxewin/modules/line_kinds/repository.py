"""Rows of other modules that orders have to agree with."""

FREE_ORDERS = {
    "A prize that ships has one order, free and of who has won it": (
        "SELECT tenant_id, raffle_id, prize, order_id, entrant_id AS buyer_id FROM raffles_v_claims"
    ),
}
"""By the promise: rows that each name an order (`order_id`), placed free of charge for `buyer_id`."""
