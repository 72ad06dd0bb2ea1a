"""The errors of selecting and ordering offers."""

from luxewin.kit.errors import Conflict, NotFound

NOT_FOR_SALE = "This item is no longer for sale; remove it"


class VariantNotSold(NotFound):
    """There is no such variant, or it is currently not for sale."""

    code = "cart.unknown_variant"
    title = "The variant does not exist or is not for sale"


class TicketsNotSold(NotFound):
    """The raffle's currency is not the currency of the cart."""

    code = "cart.unknown_raffle"
    title = "The raffle sells tickets in another currency"


class ItemUnavailable(Conflict):
    """An item of the cart is no longer for sale."""

    code = "orders.item_unavailable"
    title = "An item of the cart is no longer for sale; remove it and try again"
