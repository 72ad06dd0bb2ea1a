"""What a cart is: items, their limits, and what they come to."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self
from uuid import UUID

from luxewin.kit.money import AmountTooLargeError, Money, total
from luxewin.modules.cart.errors import CartTooLarge, ItemUnknown, TooManyLines, TooManyPieces

GOODS = "goods"
TICKET = "ticket"
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
    """So many pieces of a variant, or so many tickets of a raffle, with the answer to its question where it asks one.

    `offer_id` names the variant or the raffle; `kind` says which.
    """

    id: UUID
    kind: str
    offer_id: UUID
    quantity: int
    answer: str | None = field(default=None, repr=False)

    @property
    def is_ticket(self) -> bool:
        """Whether it is tickets."""
        return self.kind == TICKET


@dataclass(frozen=True, slots=True)
class Basket:
    """An open cart as it was read; `version` grows with every change."""

    cart_id: UUID
    version: int
    currency: str
    items: tuple[BasketItem, ...]

    @property
    def goods(self) -> list[BasketItem]:
        """Its items that are pieces of a variant."""
        return [item for item in self.items if not item.is_ticket]

    @property
    def tickets(self) -> list[BasketItem]:
        """Its items that are tickets."""
        return [item for item in self.items if item.is_ticket]

    def item(self, item_id: UUID) -> BasketItem:
        """Return one of its items.

        Raises:
            ItemUnknown: it is not in this cart.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise ItemUnknown

    def with_items(self, *changed: BasketItem) -> "Basket":
        """Return the cart after a change: known items replaced, new ones at the end.

        Raises:
            TooManyLines, TooManyPieces: the cart, or an item, would be too large.
        """
        by_offer = {item.offer_id: item for item in (*self.items, *changed)}
        if len(by_offer) > MOST_LINES:
            raise TooManyLines(most=MOST_LINES)
        if any(item.quantity > MOST_PIECES for item in changed):
            raise TooManyPieces(most=MOST_PIECES)
        return replace(self, version=self.version + 1, items=tuple(by_offer.values()))

    def without(self, item: BasketItem) -> "Basket":
        """Return the cart after an item was taken out."""
        return replace(self, version=self.version + 1, items=tuple(other for other in self.items if other != item))


def added(basket: Basket, more: BasketItem) -> BasketItem:
    """Return the item that holds what was added: the cart's own of the same offer, or the new one."""
    for item in basket.items:
        if item.offer_id == more.offer_id:
            return replace(item, quantity=item.quantity + more.quantity, answer=more.answer or item.answer)
    return more


def joined(mine: Sequence[BasketItem], theirs: Iterable[BasketItem], *, most: Mapping[UUID, int]) -> list[BasketItem]:
    """Return the items of mine that change, and those that are new, when another cart's are put into it.

    Quantities add up; `most` is how many there may be of an offer, where that is fewer than of any other. What is
    beyond a limit stays out, silently: a login must not fail for the sake of a cart.
    """
    known = {item.offer_id: item for item in mine}
    lines = MOST_LINES - len(known)
    changed: list[BasketItem] = []
    for item in theirs:
        before = known.get(item.offer_id)
        held = before.quantity if before else 0
        quantity = min(held + item.quantity, most.get(item.offer_id, MOST_PIECES))
        if quantity <= held:
            continue
        if before is not None:
            changed.append(replace(before, quantity=quantity, answer=before.answer or item.answer))
        elif lines > 0:
            lines -= 1
            changed.append(replace(item, quantity=quantity))
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
