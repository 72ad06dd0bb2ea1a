"""Rows of other modules that must be consistent with orders."""

FREE_ORDERS = {
    "A prize that ships has one order, free of charge, of its winner": (
        "SELECT tenant_id, raffle_id, prize, order_id, entrant_id AS buyer_id FROM raffles_v_claims"
    ),
}
"""By the invariant's statement: rows with an order (`order_id`) that was placed free of charge for `buyer_id`."""
