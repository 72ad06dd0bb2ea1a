"""The errors of carts."""

from luxewin.kit.errors import Conflict, NotFound


class CartEmpty(Conflict):
    """There is nothing to order."""

    code = "cart.empty"
    title = "The cart is empty"


class CartChanged(Conflict):
    """The cart was created, changed or ordered by another request at the same moment."""

    code = "cart.changed"
    title = "The cart was changed at the same moment; try again"
    retriable = True


class CartTokenUnknown(NotFound):
    """The token belongs to no open cart of this shop; a write without a token creates a new cart."""

    code = "cart.unknown_token"
    title = "There is no open cart with this X-Cart-Token; leave it out to begin a new one"


class ItemUnknown(NotFound):
    """The caller's cart has no such item."""

    code = "cart.unknown_item"
    title = "There is no such item in the cart"


class TooManyLines(Conflict):
    """A cart has a limited number of items."""

    code = "cart.too_many_items"
    title = "The cart is full; remove an item first"


class TooManyUnits(Conflict):
    """An item has a limited quantity."""

    code = "cart.too_many_pieces"
    title = "That is more than an item of a cart can hold"


class CartTooLarge(Conflict):
    """The total is larger than the largest amount of money."""

    code = "cart.total_too_large"
    title = "The cart's total is larger than any order can be"
