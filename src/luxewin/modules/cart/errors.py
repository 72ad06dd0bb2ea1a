"""The errors of carts."""

from luxewin.kit.errors import Conflict, NotFound


class CartEmpty(Conflict):
    """The cart is empty."""

    code = "cart.empty"
    title = "The cart is empty; add an item first"


class CartChanged(Conflict):
    """The cart was created, changed or ordered by another request at the same time."""

    code = "cart.changed"
    title = "Another request changed the cart at the same time; try again"
    retriable = True


class CartTokenUnknown(NotFound):
    """The token belongs to no open cart of this shop; a write without a token creates a new cart."""

    code = "cart.unknown_token"
    title = "No open cart has this X-Cart-Token; omit the header to start a new cart"


class ItemUnknown(NotFound):
    """The caller's cart has no such item."""

    code = "cart.unknown_item"
    title = "The cart has no item with this id"


class TooManyLines(Conflict):
    """A cart has a limited number of items."""

    code = "cart.too_many_items"
    title = "The cart is full; remove an item first"


class TooManyUnits(Conflict):
    """An item has a limited quantity."""

    code = "cart.too_many_pieces"
    title = "The quantity is larger than one cart item allows"


class CartTooLarge(Conflict):
    """The total is larger than the largest amount of money."""

    code = "cart.total_too_large"
    title = "The total of the cart is too large for an order; remove some items"


class OrderTooLarge(Conflict):
    """The total of an order is larger than the largest amount of money."""

    code = "orders.total_too_large"
    title = "The total of the order is too large; remove some items"
