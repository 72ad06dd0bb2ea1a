"""The errors of selecting and ordering offers."""

from luxewin.kit.errors import Conflict, NotFound


class VariantNotSold(NotFound):
    """There is no such variant, or it is currently not for sale."""

    code = "cart.unknown_variant"
    title = "There is no such variant to buy"


class TicketsNotSold(NotFound):
    """The raffle's currency is not the currency of the cart."""

    code = "cart.unknown_raffle"
    title = "There is no such raffle to buy tickets of"


class ItemUnavailable(Conflict):
    """An item of the cart is no longer for sale."""

    code = "orders.item_unavailable"
    title = "Something in the cart is no longer sold; remove it and try again"
