"""What a cart is: items, their limits, and what they come to."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError, Money, total
from luxewin.modules.cart.errors import CartTooLarge, ItemUnknown, TooManyLines, TooManyPieces

GOODS = "goods"
MOST_LINES = 100
MOST_PIECES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CartOwner:
    """Whose cart: an account's, or that of whoever holds the token with this hash.

    `is_new` marks a guest whose token was made a moment ago, so that no cart can have it yet.
    """

    user_id: UUID | None = None
    token_hash: bytes | None = None
    is_new: bool = False

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.token_hash is None):
            raise ValueError("a cart belongs to an account or to a token")

    @classmethod
    def guest(cls, token: str, *, is_new: bool = False) -> Self:
        """Return the owner that a token stands for; the token itself is never stored."""
        return cls(token_hash=hashlib.sha256(token.encode()).digest(), is_new=is_new)


@dataclass(frozen=True, slots=True)
class BasketItem:
    """So many pieces of a variant."""

    id: UUID
    kind: str
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Basket:
    """An open cart as it was read; `version` grows with every change."""

    cart_id: UUID
    version: int
    currency: str
    items: tuple[BasketItem, ...]

    def item(self, item_id: UUID) -> BasketItem:
        """Return one of its items.

        Raises:
            ItemUnknown: it is not in this cart.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise ItemUnknown

    def quantity_of(self, variant_id: UUID) -> int:
        """Return how many pieces of a variant it holds."""
        return sum(item.quantity for item in self.items if item.variant_id == variant_id)

    def with_items(self, *changed: BasketItem) -> "Basket":
        """Return the cart after a change: known items replaced, new ones at the end.

        Raises:
            TooManyLines, TooManyPieces: the cart, or an item, would be too large.
        """
        by_variant = {item.variant_id: item for item in (*self.items, *changed)}
        if len(by_variant) > MOST_LINES:
            raise TooManyLines(most=MOST_LINES)
        if any(item.quantity > MOST_PIECES for item in changed):
            raise TooManyPieces(most=MOST_PIECES)
        return replace(self, version=self.version + 1, items=tuple(by_variant.values()))

    def without(self, item: BasketItem) -> "Basket":
        """Return the cart after an item was taken out."""
        return replace(self, version=self.version + 1, items=tuple(other for other in self.items if other != item))


def added(basket: Basket, *, variant_id: UUID, quantity: int, item_id: UUID) -> BasketItem:
    """Return the item that holds a variant after some pieces were added: its own, or a new one with this id."""
    for item in basket.items:
        if item.variant_id == variant_id:
            return replace(item, quantity=item.quantity + quantity)
    return BasketItem(item_id, GOODS, variant_id, quantity)


def joined(mine: Sequence[BasketItem], theirs: Iterable[BasketItem]) -> list[BasketItem]:
    """Return the items of mine that change, and those that are new, when another cart's are put into it.

    Quantities add up. What is beyond a limit stays out, silently: a login must not fail for the sake of a cart.
    """
    known = {item.variant_id: item for item in mine}
    room = MOST_LINES - len(known)
    changed: list[BasketItem] = []
    for item in theirs:
        if item.variant_id in known:
            before = known[item.variant_id]
            changed.append(replace(before, quantity=min(before.quantity + item.quantity, MOST_PIECES)))
        elif room > 0:
            room -= 1
            changed.append(item)
    return changed


def price_of(unit_price: Money, quantity: int) -> Money:
    """Return the price of so many pieces.

    Raises:
        CartTooLarge: it is beyond what can be told exactly.
    """
    try:
        return unit_price.times(quantity)
    except AmountTooLargeError as error:
        raise CartTooLarge from error


def sum_of(amounts: Sequence[Money], *, currency: str) -> Money:
    """Add up the prices of items.

    Raises:
        CartTooLarge: the sum is beyond what can be told exactly.
    """
    try:
        return total(amounts, currency=currency)
    except AmountTooLargeError as error:
        raise CartTooLarge from error
