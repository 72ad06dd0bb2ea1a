"""The use cases of carts; none of them commits.

A cart reserves nothing: its stock levels are only informative. Availability is guaranteed when the order is placed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner, merge_items, resulting_item
from luxewin.modules.cart.errors import CartEmpty, CartTokenUnknown, ItemUnknown
from luxewin.modules.cart.schemas import CartDetails
from luxewin.modules.line_kinds.public import KINDS, Offer, Selection

Confirm = Callable[[int], None]
"""Raises an error if the cart's version is not the expected one; a cart that does not exist yet has version 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A request to add a selection to a cart; `currency` is the currency of the cart if one must be created."""

    selection: Selection
    quantity: int
    currency: str


async def read_cart(tx: Transaction, owner: CartOwner | None, *, currency: str) -> CartDetails:
    """Return the owner's cart at current prices; an owner without a cart gets an empty one.

    Nothing is written. A token that belongs to no open cart is treated like no token.
    """
    basket = await repository.basket(tx, owner) if owner else None
    if basket is None:
        return CartDetails.empty(currency)
    return await _details(tx, basket)


async def add_item(tx: Transaction, owner: CartOwner, addition: Addition, *, confirm: Confirm) -> CartDetails:
    """Add a selection to the owner's cart, which is created with its first item; quantities add up.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
        TooManyLines, TooManyUnits: the cart is full.
        CartChanged: another request of the same account has just created a cart; a retry finds it.
        DomainError: one of the `selection_errors` or `sale_errors` of the line's kind.
    """
    before = await _open_cart(tx, owner)
    confirm(before.version if before else 0)
    start = before or Basket(new_id(), 0, addition.currency, ())
    selection = addition.selection
    offer_id, offers = await _offers_with(tx, start, selection)
    item = resulting_item(start, BasketItem(new_id(), selection.kind, offer_id, addition.quantity, selection.answer))
    after = start.with_items(item)
    await offers[offer_id].must_be_sold(tx, item)
    tx.write(
        repository.touch(tx, before) if before else repository.add_cart(tx, after, owner),
        repository.put_items(tx, start.cart_id, [item]),
    )
    return CartDetails(basket=after, currency=after.currency, offers=offers)


async def change_quantity(
    tx: Transaction, owner: CartOwner | None, item_id: UUID, quantity: int, *, confirm: Confirm
) -> CartDetails:
    """Change the quantity of an item in the owner's cart; fewer units are always accepted.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
        DomainError: one of the `sale_errors` of the line's kind.
    """
    before = await _cart_with_items(tx, owner)
    confirm(before.version)
    item = before.item(item_id)
    changed = replace(item, quantity=quantity)
    details = await _details(tx, before.with_items(changed))
    if quantity > item.quantity:
        await details.offers[item.offer_id].must_be_sold(tx, changed)
    tx.write(repository.touch(tx, before), repository.put_items(tx, before.cart_id, [changed]))
    return details


async def remove_item(tx: Transaction, owner: CartOwner | None, item_id: UUID, *, confirm: Confirm) -> CartDetails:
    """Remove an item from the owner's cart.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
    """
    before = await _cart_with_items(tx, owner)
    confirm(before.version)
    item = before.item(item_id)
    tx.write(repository.touch(tx, before), repository.remove_items(tx, before.cart_id, [item]))
    return await _details(tx, before.without(item))


async def empty_cart(tx: Transaction, owner: CartOwner | None, *, confirm: Confirm) -> None:
    """Remove all items from the owner's cart; the cart itself remains.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
    """
    before = await _open_cart(tx, owner) if owner else None
    confirm(before.version if before else 0)
    if before is not None and before.items:
        tx.write(repository.touch(tx, before), repository.remove_items(tx, before.cart_id, before.items))


async def open_basket(tx: Transaction, owner: CartOwner) -> Basket:
    """Return the owner's cart for an order.

    Raises:
        CartEmpty: there is no cart, or it has no items.
    """
    basket = await repository.basket(tx, owner)
    if basket is None or not basket.items:
        raise CartEmpty
    return basket


def close(tx: Transaction, basket: Basket) -> Write:
    """Return the write that closes an ordered cart.

    It fails with `CartChanged` if the cart has changed since it was read: if one cart is ordered several times, one
    order succeeds.
    """
    return repository.close(tx, basket, status="ordered")


async def merge_guest(tx: Transaction, *, token: str, user_id: UUID) -> None:
    """Merge a guest's cart into the account's own, and close it; a token without an open cart changes nothing.

    The quantity of each offer is limited to the units that the account may buy.
    """
    guest = await repository.lock_basket(tx, CartOwner.guest(token))
    if guest is None:
        return
    owner = CartOwner(user_id=user_id)
    own = await repository.lock_basket(tx, owner)
    tx.write(repository.close(tx, guest, status="merged"))
    if not guest.items:
        return
    cart_id = own.cart_id if own else new_id()
    guest_items = [replace(item, id=new_id()) for item in guest.items]
    most = await _most_units(tx, guest_items, user_id=user_id)
    changed = merge_items(own.items if own else (), guest_items, most=most)
    created = Basket(cart_id, 1, guest.currency, ())
    tx.write(repository.touch(tx, own) if own else repository.add_cart(tx, created, owner))
    if changed:
        tx.write(repository.put_items(tx, cart_id, changed))


async def _open_cart(tx: Transaction, owner: CartOwner) -> Basket | None:
    """Lock and return the owner's cart; None if an account or a new guest has no cart."""
    if owner.is_new:
        return None
    basket = await repository.lock_basket(tx, owner)
    if basket is None and owner.user_id is None:
        raise CartTokenUnknown
    return basket


async def _cart_with_items(tx: Transaction, owner: CartOwner | None) -> Basket:
    basket = await _open_cart(tx, owner) if owner else None
    if basket is None:
        raise ItemUnknown
    return basket


async def _details(tx: Transaction, basket: Basket) -> CartDetails:
    return CartDetails(basket=basket, currency=basket.currency, offers=await _offers(tx, basket, basket.items))


async def _offers(tx: Transaction, basket: Basket, items: Iterable[BasketItem]) -> dict[UUID, Offer]:
    """Return the offers of these items, in one round trip for each kind."""
    offers: dict[UUID, Offer] = {}
    for kind, of_kind in KINDS.group_by_kind(items):
        offers |= await kind.offers(tx, [item.offer_id for item in of_kind], currency=basket.currency)
    return offers


async def _offers_with(tx: Transaction, basket: Basket, selection: Selection) -> tuple[UUID, Mapping[UUID, Offer]]:
    """Return the selected offer's id, and the offers of the cart's items and of the selection."""
    same = [item.offer_id for item in basket.items if item.kind == selection.kind]
    others = [item for item in basket.items if item.kind != selection.kind]
    kind = KINDS.get(selection.kind)
    offer_id, offers = await kind.choose(tx, selection, offer_ids=same, currency=basket.currency)
    return offer_id, {**offers, **await _offers(tx, basket, others)}


async def _most_units(tx: Transaction, items: Iterable[BasketItem], *, user_id: UUID) -> dict[UUID, int]:
    most: dict[UUID, int] = {}
    for kind, of_kind in KINDS.group_by_kind(items):
        most |= await kind.most_units(tx, [item.offer_id for item in of_kind], user_id=user_id)
    return most
