"""The storage of lines in the rows of carts and orders, as SQL text for models and repositories.

A row refers to its offer in one column, which depends on the kind. Kinds whose offers are variants share `variant_id`.
"""

REFERENCES = ("variant_id", "raffle_id")
"""The columns that refer to the offer of an item or a line; exactly one of them is set."""

KINDS_IN_ROWS = "kind IN ('goods', 'ticket', 'subscription')"
"""The check of the column `kind`. A new kind needs a migration that adds its name to the check."""

ITEM_IN_ROWS = (
    "CASE WHEN kind = 'ticket' THEN raffle_id IS NOT NULL AND variant_id IS NULL"
    " ELSE raffle_id IS NULL AND variant_id IS NOT NULL AND skill_answer IS NULL END"
)
"""The check of the offer columns of a cart's item."""

LINE_IN_ROWS = (
    "CASE WHEN kind = 'ticket' THEN raffle_id IS NOT NULL AND variant_id IS NULL ELSE raffle_id IS NULL"
    " AND variant_id IS NOT NULL AND product_id IS NOT NULL AND product_slug IS NOT NULL END"
)
"""The check of the offer columns of an order's line."""

ITEM_INDEXES = {"raffle_id": "cart_items_raffle_idx"}
"""Unique indexes, by column, that let a cart hold an offer once; `variant_id` has a unique constraint instead."""
