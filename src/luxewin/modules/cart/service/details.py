"""Reading a cart, and what its use cases share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner, Estimate, Problem, amount_of
from luxewin.modules.cart.errors import CartTokenUnknown, CartTooLarge, OrderTooLarge
from luxewin.modules.cart.schemas import CartDetails
from luxewin.modules.cart.service.pricing import PricedLine, estimate
from luxewin.modules.line_kinds.public import KINDS, Offer, Selection
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippingMethod

Confirm = Callable[[str], None]
"""Raises an error unless the caller expects the object's entity tag; a cart that does not exist yet has version 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A request to add a selection to a cart; `currency` is the currency of the cart if one must be created."""

    selection: Selection
    quantity: int
    currency: str


@dataclass(frozen=True, slots=True)
class OpenCart:
    """An open cart as it was read, with the shipping methods on offer; `is_new` if it has yet to be stored."""

    basket: Basket
    methods: Sequence[ShippingMethod] = field(repr=False)
    is_new: bool = False


async def read_cart(tx: Transaction, owner: CartOwner | None, *, currency: str) -> CartDetails:
    """Return the owner's cart at current prices; an owner without a cart gets an empty one.

    Nothing is written. A token that belongs to no open cart is treated like no token.
    """
    if owner is None:
        return CartDetails.empty(currency)
    basket, methods = await repository.basket(tx, owner)
    if basket is None:
        return CartDetails.empty(currency)
    return await details_of(tx, basket, methods)


async def locked_cart(tx: Transaction, owner: CartOwner) -> OpenCart | None:
    """Lock and return the owner's cart; None if an account has no cart.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
    """
    basket, methods = await repository.lock_basket(tx, owner)
    if basket is None and owner.user_id is None:
        raise CartTokenUnknown
    return OpenCart(basket, methods) if basket else None


async def must_be_issued(tx: Transaction, owner: CartOwner) -> None:
    """Check that a guest's token is that of an open cart, before anything else rests on it.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
    """
    await locked_cart(tx, owner)


async def locked_or_new_cart(tx: Transaction, owner: CartOwner, *, currency: str) -> OpenCart:
    """Lock and return the owner's cart, or return a new one in this currency, with version 0.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
    """
    new = Basket(new_id(), 0, currency, ())
    if owner.is_new:
        return OpenCart(new, await shipping.offered_methods(tx, currency=currency), is_new=True)
    basket, methods = await repository.lock_basket(tx, owner)
    if basket is None and owner.user_id is None:
        raise CartTokenUnknown
    return OpenCart(basket or new, methods, is_new=basket is None)


async def details_of(
    tx: Transaction,
    basket: Basket,
    methods: Sequence[ShippingMethod],
    *,
    known_offers: Mapping[UUID, Offer] | None = None,
) -> CartDetails:
    """Return a cart with its offers, unless the caller knows them, and with what its order would cost."""
    offers = await offers_of(tx, basket, basket.items) if known_offers is None else known_offers
    estimated = await estimate(
        tx, priced_lines(basket, offers), basket.details, methods=methods, currency=basket.currency
    )
    problems = [*await _item_problems(tx, basket, offers), *estimated.problems]
    return CartDetails(
        basket=basket, currency=basket.currency, offers=offers, estimate=replace(estimated, problems=problems)
    )


def must_be_payable(estimated: Estimate) -> None:
    """Raise `CartTooLarge` if the total exceeds the largest amount of money."""
    if any(problem.code == OrderTooLarge.code for problem in estimated.problems):
        raise CartTooLarge


def priced_lines(basket: Basket, offers: Mapping[UUID, Offer]) -> list[PricedLine]:
    """Return the items that are for sale, as lines of an order."""
    return [
        PricedLine(unit_price, item.quantity, offers[item.offer_id].dispatch)
        for item in basket.items
        if (unit_price := offers[item.offer_id].unit_price) is not None
    ]


async def offers_of(tx: Transaction, basket: Basket, items: Iterable[BasketItem]) -> dict[UUID, Offer]:
    """Return the offers of these items, in one round trip for each kind if all are for sale."""
    offers: dict[UUID, Offer] = {}
    for kind, of_kind in KINDS.group_by_kind(items):
        offers |= await kind.offers(tx, [item.offer_id for item in of_kind], currency=basket.currency)
    return offers


async def _item_problems(tx: Transaction, basket: Basket, offers: Mapping[UUID, Offer]) -> list[Problem]:
    """Return every reason why an item cannot be ordered, with the code of the error that the order would have."""
    obstacles: dict[UUID, DomainError] = {}
    for kind, of_kind in KINDS.group_by_kind(basket.items):
        obstacles |= await kind.obstacles(tx, of_kind, offers, user_id=tx.principal.user_id)
    problems = []
    for item in basket.items:
        if (error := obstacles.get(item.offer_id)) is not None:
            problems.append(Problem(error.code, error.detail, item.id))
        unit_price = offers[item.offer_id].unit_price
        if unit_price is not None and amount_of(unit_price, item.quantity) is None:
            problems.append(Problem(OrderTooLarge.code, "The price of this item is too large; reduce it", item.id))
    return problems
