"""The errors of selecting and ordering offers."""

from luxewin.kit.errors import Conflict, NotFound

NOT_FOR_SALE = "This item is no longer for sale; remove it"
SELLER_SUSPENDED = "The seller of this item is not selling at the moment; remove it, or order it later"


class VariantNotSold(NotFound):
    """There is no such variant, or it is currently not for sale."""

    code = "cart.unknown_variant"
    title = "The variant does not exist or is not for sale"


class TicketsNotSold(NotFound):
    """The raffle's currency is not the currency of the cart."""

    code = "cart.unknown_raffle"
    title = "The raffle sells tickets in another currency"


class ItemUnavailable(Conflict):
    """An item is not for sale, or no longer."""

    code = "orders.item_unavailable"
    title = "An item is not for sale; remove it and try again"
