"""How lines of every kind are stored in the rows of carts and orders: plain text for models and repositories.

A row names what it holds in one column, chosen by its kind. A kind whose things are variants shares `variant_id`.
"""

REFERENCES = ("variant_id", "raffle_id")
"""The columns that name what an item or a line holds; exactly one of them is set."""

KINDS_IN_ROWS = "kind IN ('goods', 'ticket', 'subscription')"
"""The check of the column `kind`. A kind with another name comes with a migration that adds it here."""

ITEM_IN_ROWS = (
    "CASE WHEN kind = 'ticket' THEN raffle_id IS NOT NULL AND variant_id IS NULL"
    " ELSE raffle_id IS NULL AND variant_id IS NOT NULL AND skill_answer IS NULL END"
)
"""The check of what an item of a cart names."""

LINE_IN_ROWS = (
    "CASE WHEN kind = 'ticket' THEN raffle_id IS NOT NULL AND variant_id IS NULL ELSE raffle_id IS NULL"
    " AND variant_id IS NOT NULL AND product_id IS NOT NULL AND product_slug IS NOT NULL END"
)
"""The check of what a line of an order names."""

ITEM_INDEXES = {"raffle_id": "cart_items_raffle_idx"}
"""Unique indexes that let a cart hold a thing once, by their column; `variant_id` has a unique constraint instead."""
