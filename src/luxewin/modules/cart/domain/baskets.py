"""Carts: their items, limits, and what they know about their order."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self
from uuid import UUID

from luxewin.modules.cart.errors import ItemUnknown, TooManyLines, TooManyUnits

MOST_LINES = 100
MOST_UNITS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CartOwner:
    """The owner of a cart: an account, or the holder of the token with this hash.

    `is_new` marks a guest whose token was created by this request, so no cart can have it yet.
    """

    user_id: UUID | None = None
    token_hash: bytes | None = None
    is_new: bool = False

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.token_hash is None):
            raise ValueError("a cart belongs to an account or to a token")

    @classmethod
    def guest(cls, token: str, *, is_new: bool = False) -> Self:
        """Return the owner that a token identifies; the token itself is never stored."""
        return cls(token_hash=hashlib.sha256(token.encode()).digest(), is_new=is_new)


@dataclass(frozen=True, slots=True)
class BasketItem:
    """An item of a cart: `quantity` units of the offer `offer_id`, with the answer to the offer's question, if any.

    `kind` is the name of the line kind, which defines what the offer is.
    """

    id: UUID
    kind: str
    offer_id: UUID
    quantity: int
    answer: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutDetails:
    """What is known about an order before it is placed; None where nothing is."""

    shipping_address: Mapping[str, Any] | None = field(default=None, repr=False)
    billing_address: Mapping[str, Any] | None = field(default=None, repr=False)
    shipping_method: str | None = None
    email: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)

    def completed_by(self, other: "CheckoutDetails") -> "CheckoutDetails":
        """Return these details, with the other's where these are None."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return replace(other, **given)


@dataclass(frozen=True, slots=True)
class Basket:
    """An open cart as it was read; its `version` increases with every change."""

    cart_id: UUID
    version: int
    currency: str
    items: tuple[BasketItem, ...]
    details: CheckoutDetails = field(default=CheckoutDetails())

    def item(self, item_id: UUID) -> BasketItem:
        """Return an item of the cart.

        Raises:
            ItemUnknown: the cart has no such item.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise ItemUnknown

    def with_items(self, *changed: BasketItem) -> "Basket":
        """Return the cart after a change: existing items are replaced, new ones are added at the end.

        Raises:
            TooManyLines, TooManyUnits: the cart, or an item, would be too large.
        """
        by_offer = {item.offer_id: item for item in (*self.items, *changed)}
        if len(by_offer) > MOST_LINES:
            raise TooManyLines(most=MOST_LINES)
        if any(item.quantity > MOST_UNITS for item in changed):
            raise TooManyUnits(most=MOST_UNITS)
        return replace(self, version=self.version + 1, items=tuple(by_offer.values()))

    def with_details(self, **changes: Any) -> "Basket":
        """Return the cart after a change of some details."""
        return replace(self, version=self.version + 1, details=replace(self.details, **changes))

    def without(self, item: BasketItem) -> "Basket":
        """Return the cart without an item."""
        return replace(self, version=self.version + 1, items=tuple(other for other in self.items if other != item))


def resulting_item(basket: Basket, addition: BasketItem) -> BasketItem:
    """Return the item that results from an addition: the cart's item of the same offer, or the new one."""
    for item in basket.items:
        if item.offer_id == addition.offer_id:
            return replace(item, quantity=item.quantity + addition.quantity, answer=addition.answer or item.answer)
    return addition


def merge_items(
    own: Sequence[BasketItem], guest_items: Iterable[BasketItem], *, most: Mapping[UUID, int]
) -> list[BasketItem]:
    """Return the changed and the new items of an account's cart after a guest's cart is merged into it.

    Quantities add up; `most` limits the units of an offer below the general limit. Units beyond a limit are dropped
    without an error: a login must not fail because of a cart.
    """
    by_offer = {item.offer_id: item for item in own}
    lines_left = MOST_LINES - len(by_offer)
    changed: list[BasketItem] = []
    for item in guest_items:
        before = by_offer.get(item.offer_id)
        quantity_before = before.quantity if before else 0
        quantity = min(quantity_before + item.quantity, most.get(item.offer_id, MOST_UNITS))
        if quantity <= quantity_before:
            continue
        if before is not None:
            changed.append(replace(before, quantity=quantity, answer=before.answer or item.answer))
        elif lines_left > 0:
            lines_left -= 1
            changed.append(replace(item, quantity=quantity))
    return changed
