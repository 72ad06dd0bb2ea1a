"""The public API of carts."""

from luxewin.kit.http.context import RequestContext
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner, CheckoutDetails
from luxewin.modules.cart.errors import (
    CartChanged,
    CartEmpty,
    CartTokenUnknown,
    OrderTooLarge,
    TooManyLines,
    TooManyUnits,
)
from luxewin.modules.cart.schemas import Note
from luxewin.modules.cart.service import (
    Addition,
    Confirm,
    OpenCart,
    Price,
    PricedLine,
    choose_items,
    close,
    entity_tag_of,
    merge_guest,
    must_be_issued,
    open_cart,
    price,
)

__all__ = [
    "TOKEN_HEADER",
    "Addition",
    "Basket",
    "BasketItem",
    "CartChanged",
    "CartEmpty",
    "CartOwner",
    "CartTokenUnknown",
    "CheckoutDetails",
    "Confirm",
    "Note",
    "OpenCart",
    "OrderTooLarge",
    "Price",
    "PricedLine",
    "TooManyLines",
    "TooManyUnits",
    "choose_items",
    "close",
    "entity_tag_of",
    "merge_guest",
    "must_be_issued",
    "open_cart",
    "owner_of",
    "price",
]

TOKEN_HEADER = "x-cart-token"


def owner_of(context: RequestContext) -> CartOwner | None:
    """Return the owner of the caller's cart: the account, or the token's holder; None for a guest without a token."""
    if context.principal.user_id is not None:
        return CartOwner(user_id=context.principal.user_id)
    token = context.headers.get(TOKEN_HEADER)
    return CartOwner.guest(token) if token else None
