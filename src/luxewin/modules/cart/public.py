"""The public API of carts."""

from luxewin.kit.http.context import RequestContext
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner
from luxewin.modules.cart.errors import CartChanged, CartEmpty
from luxewin.modules.cart.service import close, merge_guest, open_basket

__all__ = [
    "TOKEN_HEADER",
    "Basket",
    "BasketItem",
    "CartChanged",
    "CartEmpty",
    "CartOwner",
    "close",
    "merge_guest",
    "open_basket",
    "owner_of",
]

TOKEN_HEADER = "x-cart-token"


def owner_of(context: RequestContext) -> CartOwner | None:
    """Return the owner of the caller's cart: the account, or the token's holder; None for a guest without a token."""
    if context.principal.user_id is not None:
        return CartOwner(user_id=context.principal.user_id)
    token = context.headers.get(TOKEN_HEADER)
    return CartOwner.guest(token) if token else None
