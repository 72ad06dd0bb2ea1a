"""The use cases of cart; none of them commits.

Stock is only advised here: a cart holds nothing. The guarantee is given when the order is placed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, CartOwner, added, joined
from luxewin.modules.cart.errors import CartEmpty, CartTokenUnknown, ItemUnknown, VariantNotSold
from luxewin.modules.cart.schemas import CartSheet
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import Sellable
from luxewin.modules.inventory.public import SoldOut

Confirm = Callable[[int], None]
"""What refuses a change of a version that the caller did not mean; a cart that is not there yet has version 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """Pieces to be put into a cart: of a variant, or of a product that has only one.

    `currency` is that of a cart that must be begun first.
    """

    variant_id: UUID | None
    product_id: UUID | None
    quantity: int
    currency: str


async def read_cart(tx: Transaction, owner: CartOwner | None, *, currency: str) -> CartSheet:
    """Return the owner's cart at the prices of this moment; somebody without a cart sees an empty one.

    Nothing is written, and a token that belongs to no open cart is not told apart from no token.
    """
    basket = await repository.basket(tx, owner) if owner else None
    if basket is None:
        return CartSheet(basket=None, currency=currency, goods={})
    return _sheet(basket, await _goods(tx, basket))


async def add_item(tx: Transaction, owner: CartOwner, addition: Addition, *, confirm: Confirm) -> CartSheet:
    """Put pieces of a variant into the owner's cart, which begins with its first item; quantities add up.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
        VariantNotSold, ProductUnknown: it is not for sale.
        VariantAmbiguous: the product has several variants.
        SoldOut: less is available than the cart would hold.
        TooManyLines, TooManyPieces: the cart is full.
        CartChanged: the same account has begun a cart at this moment; a fresh try finds it.
    """
    before = await _open_cart(tx, owner)
    confirm(before.version if before else 0)
    start = before or Basket(new_id(), 0, addition.currency, ())
    goods = await _goods(tx, start, addition)
    variant_id = addition.variant_id or catalog.only_variant(goods, _given(addition.product_id))
    item = added(start, variant_id=variant_id, quantity=addition.quantity, item_id=new_id())
    sheet = _sheet(start.with_items(item), goods)
    _must_be_sold(sheet, variant_id)
    _must_be_available(sheet, variant_id, item.quantity)
    tx.write(
        repository.touch(tx, before) if before else repository.add_cart(tx, _after(sheet), owner),
        repository.put_items(tx, start.cart_id, [item]),
    )
    return sheet


async def change_quantity(
    tx: Transaction, owner: CartOwner | None, item_id: UUID, quantity: int, *, confirm: Confirm
) -> CartSheet:
    """Give an item of the owner's cart another quantity; fewer is always possible.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
        VariantNotSold: it is not for sale any more.
        SoldOut: less is available than is wanted.
    """
    before = await _cart_with_items(tx, owner)
    confirm(before.version)
    item = before.item(item_id)
    changed = type(item)(item.id, item.kind, item.variant_id, quantity)
    sheet = _sheet(before.with_items(changed), await _goods(tx, before))
    if quantity > item.quantity:
        _must_be_sold(sheet, item.variant_id)
        _must_be_available(sheet, item.variant_id, quantity)
    tx.write(repository.touch(tx, before), repository.put_items(tx, before.cart_id, [changed]))
    return sheet


async def remove_item(tx: Transaction, owner: CartOwner | None, item_id: UUID, *, confirm: Confirm) -> CartSheet:
    """Take an item out of the owner's cart.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
    """
    before = await _cart_with_items(tx, owner)
    confirm(before.version)
    item = before.item(item_id)
    tx.write(repository.touch(tx, before), repository.remove_items(tx, before.cart_id, [item]))
    return _sheet(before.without(item), await _goods(tx, before))


async def empty_cart(tx: Transaction, owner: CartOwner | None, *, confirm: Confirm) -> None:
    """Take everything out of the owner's cart; the cart itself stays.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
    """
    before = await _open_cart(tx, owner) if owner else None
    confirm(before.version if before else 0)
    if before is not None and before.items:
        tx.write(repository.touch(tx, before), repository.remove_items(tx, before.cart_id, before.items))


async def open_basket(tx: Transaction, owner: CartOwner) -> Basket:
    """Return what the owner is about to order.

    Raises:
        CartEmpty: there is no cart, or nothing in it.
    """
    basket = await repository.basket(tx, owner)
    if basket is None or not basket.items:
        raise CartEmpty
    return basket


def close(tx: Transaction, basket: Basket) -> Write:
    """Return the write that ends an ordered cart.

    It refuses with `CartChanged` when the cart is not what was read any more: of several orders of one cart, one wins.
    """
    return repository.close(tx, basket, status="ordered")


async def merge_guest(tx: Transaction, *, token: str, user_id: UUID) -> None:
    """Put a guest's cart into the account's own and end it; a token without an open cart changes nothing."""
    guest = await repository.lock_basket(tx, CartOwner.guest(token))
    if guest is None:
        return
    owner = CartOwner(user_id=user_id)
    mine = await repository.lock_basket(tx, owner)
    tx.write(repository.close(tx, guest, status="merged"))
    if not guest.items:
        return
    cart_id = mine.cart_id if mine else new_id()
    theirs = [type(item)(new_id(), item.kind, item.variant_id, item.quantity) for item in guest.items]
    changed = joined(mine.items if mine else (), theirs)
    started = Basket(cart_id, 1, guest.currency, ())
    tx.write(repository.touch(tx, mine) if mine else repository.add_cart(tx, started, owner))
    if changed:
        tx.write(repository.put_items(tx, cart_id, changed))


async def _open_cart(tx: Transaction, owner: CartOwner) -> Basket | None:
    """Return the owner's cart, locked; only an account, or a guest who is new, may be without one."""
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


async def _goods(tx: Transaction, basket: Basket, addition: Addition | None = None) -> dict[UUID, Sellable]:
    """Return what a cart holds, and what is to be added to it, as far as it is for sale."""
    variant_ids = [item.variant_id for item in basket.items]
    if addition is not None and addition.variant_id is not None:
        variant_ids.append(addition.variant_id)
    product_id = None if addition is None else addition.product_id
    return await catalog.sellable(tx, variant_ids, or_of_product=product_id) if variant_ids or product_id else {}


def _sheet(basket: Basket, goods: Mapping[UUID, Sellable]) -> CartSheet:
    sold = {id: good for id, good in goods.items() if good.unit_price.currency == basket.currency}
    return CartSheet(basket=basket, currency=basket.currency, goods=sold)


def _given(product_id: UUID | None) -> UUID:
    assert product_id is not None, "an addition names a variant or a product"
    return product_id


def _after(sheet: CartSheet) -> Basket:
    assert sheet.basket is not None
    return sheet.basket


def _must_be_sold(sheet: CartSheet, variant_id: UUID) -> None:
    if variant_id not in sheet.goods:
        raise VariantNotSold


def _must_be_available(sheet: CartSheet, variant_id: UUID, quantity: int) -> None:
    available = sheet.goods[variant_id].available
    if available is not None and available < quantity:
        raise SoldOut(variant_id=variant_id, available=available)
