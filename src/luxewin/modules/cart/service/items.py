"""Adding, changing and removing the items of a cart."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner, resulting_item
from luxewin.modules.cart.errors import ItemUnknown
from luxewin.modules.cart.schemas import CartDetails
from luxewin.modules.cart.service.details import (
    Addition,
    Confirm,
    OpenCart,
    details_of,
    locked_cart,
    locked_or_new_cart,
    must_be_payable,
    offers_of,
)
from luxewin.modules.line_kinds.public import KINDS, Offer, Selection


async def add_item(tx: Transaction, owner: CartOwner, addition: Addition, *, confirm: Confirm) -> CartDetails:
    """Add a selection to the owner's cart, which is created with its first item; quantities add up.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
        TooManyLines, TooManyUnits, CartTooLarge: the cart is full.
        CartChanged: another request of the same account has just created a cart; a retry finds it.
        DomainError: one of the `selection_errors` or `sale_errors` of the line's kind.
    """
    opened = await locked_or_new_cart(tx, owner, currency=addition.currency)
    before = opened.basket
    confirm(str(before.version))
    selection = addition.selection
    offer_id, offers = await _offers_with(tx, before, selection)
    item = resulting_item(before, BasketItem(new_id(), selection.kind, offer_id, addition.quantity, selection.answer))
    after = before.with_items(item)
    await offers[offer_id].must_be_sold(tx, item)
    details = await details_of(tx, after, opened.methods, known_offers=offers)
    must_be_payable(details.estimate)
    tx.write(
        repository.add_cart(tx, after, owner) if opened.is_new else repository.touch(tx, before),
        repository.put_items(tx, before.cart_id, [item]),
    )
    return details


async def change_quantity(
    tx: Transaction, owner: CartOwner | None, item_id: UUID, quantity: int, *, confirm: Confirm
) -> CartDetails:
    """Change the quantity of an item in the owner's cart; fewer units are always accepted.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
        CartTooLarge: more units would make the total too large.
        DomainError: one of the `sale_errors` of the line's kind.
    """
    opened = await _cart_with_items(tx, owner)
    before = opened.basket
    confirm(str(before.version))
    item = before.item(item_id)
    changed = replace(item, quantity=quantity)
    details = await details_of(tx, before.with_items(changed), opened.methods)
    if quantity > item.quantity:
        await details.offers[item.offer_id].must_be_sold(tx, changed)
        must_be_payable(details.estimate)
    tx.write(repository.touch(tx, before), repository.put_items(tx, before.cart_id, [changed]))
    return details


async def remove_item(tx: Transaction, owner: CartOwner | None, item_id: UUID, *, confirm: Confirm) -> CartDetails:
    """Remove an item from the owner's cart.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
    """
    opened = await _cart_with_items(tx, owner)
    before = opened.basket
    confirm(str(before.version))
    item = before.item(item_id)
    tx.write(repository.touch(tx, before), repository.remove_items(tx, before.cart_id, [item]))
    return await details_of(tx, before.without(item), opened.methods)


async def empty_cart(tx: Transaction, owner: CartOwner | None, *, confirm: Confirm) -> None:
    """Remove all items from the owner's cart; the cart itself remains.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
    """
    opened = await locked_cart(tx, owner) if owner else None
    confirm(str(opened.basket.version) if opened else "0")
    if opened is not None and opened.basket.items:
        before = opened.basket
        tx.write(repository.touch(tx, before), repository.remove_items(tx, before.cart_id, before.items))


async def _cart_with_items(tx: Transaction, owner: CartOwner | None) -> OpenCart:
    opened = await locked_cart(tx, owner) if owner else None
    if opened is None:
        raise ItemUnknown
    return opened


async def _offers_with(tx: Transaction, basket: Basket, selection: Selection) -> tuple[UUID, Mapping[UUID, Offer]]:
    """Return the selected offer's id, and the offers of the cart's items and of the selection."""
    same = [item.offer_id for item in basket.items if item.kind == selection.kind]
    others = [item for item in basket.items if item.kind != selection.kind]
    kind = KINDS.get(selection.kind)
    offer_id, offers = await kind.choose(tx, selection, offer_ids=same, currency=basket.currency)
    return offer_id, {**offers, **await offers_of(tx, basket, others)}
