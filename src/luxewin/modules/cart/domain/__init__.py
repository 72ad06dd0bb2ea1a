"""The rules of carts, as pure functions."""

from luxewin.modules.cart.domain.baskets import (
    Basket,
    BasketItem,
    CartOwner,
    CheckoutDetails,
    merge_items,
    resulting_item,
)
from luxewin.modules.cart.domain.totals import Estimate, Problem, Totals, amount_of, entity_tag, sum_of

__all__ = [
    "Basket",
    "BasketItem",
    "CartOwner",
    "CheckoutDetails",
    "Estimate",
    "Problem",
    "Totals",
    "amount_of",
    "entity_tag",
    "merge_items",
    "resulting_item",
    "sum_of",
]
