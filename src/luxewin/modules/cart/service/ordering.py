"""What an order takes from a cart."""

from collections.abc import Sequence

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner, entity_tag, resulting_item
from luxewin.modules.cart.errors import CartEmpty
from luxewin.modules.cart.service.details import Addition, OpenCart
from luxewin.modules.cart.service.pricing import PricedLine, estimate
from luxewin.modules.line_kinds.public import KINDS


async def open_cart(tx: Transaction, owner: CartOwner) -> OpenCart:
    """Return the owner's cart for an order.

    Raises:
        CartEmpty: there is no cart, or it has no items.
    """
    basket, methods = await repository.basket(tx, owner)
    if basket is None or not basket.items:
        raise CartEmpty
    return OpenCart(basket, methods)


async def entity_tag_of(tx: Transaction, cart: OpenCart, lines: Sequence[PricedLine]) -> str:
    """Return the entity tag of a cart whose items are all for sale; `lines` are its items, in their order."""
    basket = cart.basket
    estimated = await estimate(tx, lines, basket.details, methods=cart.methods, currency=basket.currency)
    return entity_tag(basket.version, [line.unit_price for line in lines], estimated.totals)


async def choose_items(tx: Transaction, wanted: Sequence[Addition], *, currency: str) -> tuple[BasketItem, ...]:
    """Return items for an order without a cart, under the rules of a cart; the quantities of equal offers add up.

    Raises:
        TooManyLines, TooManyUnits: there are too many items, or too many units of one.
        DomainError: one of the `selection_errors` of a line's kind.
    """
    basket = Basket(new_id(), 0, currency, ())
    for addition in wanted:
        selection = addition.selection
        offer_id = selection.offer_id
        if offer_id is None:
            offer_id, _ = await KINDS.get(selection.kind).choose(tx, selection, offer_ids=(), currency=currency)
        item = BasketItem(new_id(), selection.kind, offer_id, addition.quantity, selection.answer)
        basket = basket.with_items(resulting_item(basket, item))
    return basket.items


def close(tx: Transaction, basket: Basket) -> Write:
    """Return the write that closes an ordered cart.

    It fails with `CartChanged` if the cart has changed since it was read: if one cart is ordered several times, one
    order succeeds.
    """
    return repository.close(tx, basket, status="ordered")
