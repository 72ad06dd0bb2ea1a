"""The errors of choosing and ordering what a line holds."""

from luxewin.kit.errors import Conflict, NotFound


class VariantNotSold(NotFound):
    """There is no such variant, or it is not sold at the moment."""

    code = "cart.unknown_variant"
    title = "There is no such variant to buy"


class TicketsNotSold(NotFound):
    """The raffle sells in another currency than the cart's."""

    code = "cart.unknown_raffle"
    title = "There is no such raffle to buy tickets of"


class ItemUnavailable(Conflict):
    """Something in the cart is no longer sold."""

    code = "orders.item_unavailable"
    title = "Something in the cart is no longer sold; remove it and try again"
