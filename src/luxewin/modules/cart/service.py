"""The use cases of cart; none of them commits.

Stock is only advised here: a cart holds nothing. The guarantee is given when the order is placed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import GOODS, TICKET, Basket, BasketItem, CartOwner, added, joined
from luxewin.modules.cart.errors import CartEmpty, CartTokenUnknown, ItemUnknown, TicketsNotSold, VariantNotSold
from luxewin.modules.cart.schemas import CartDetails
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import Sellable
from luxewin.modules.inventory.public import SoldOut
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Raffle, TicketRequest

Confirm = Callable[[int], None]
"""What refuses a change of a version that the caller did not mean; a cart that is not there yet has version 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What is to be put into a cart: pieces of a variant, or of a product that has only one, or tickets of a raffle.

    `answer` is that to the raffle's question; `currency` is that of a cart that must be begun first.
    """

    variant_id: UUID | None = None
    product_id: UUID | None = None
    raffle_id: UUID | None = None
    answer: str | None = None
    quantity: int
    currency: str


async def read_cart(tx: Transaction, owner: CartOwner | None, *, currency: str) -> CartDetails:
    """Return the owner's cart at the prices of this moment; somebody without a cart sees an empty one.

    Nothing is written, and a token that belongs to no open cart is not told apart from no token.
    """
    basket = await repository.basket(tx, owner) if owner else None
    if basket is None:
        return CartDetails.empty(currency)
    return await _sheet(tx, basket)


async def add_item(tx: Transaction, owner: CartOwner, addition: Addition, *, confirm: Confirm) -> CartDetails:
    """Put pieces of a variant, or tickets, into the owner's cart, which begins with its first item; quantities add up.

    Raises:
        CartTokenUnknown: the token belongs to no open cart.
        VariantNotSold, ProductUnknown: it is not for sale.
        VariantAmbiguous: the product has several variants.
        SoldOut: less is available than the cart would hold.
        RaffleUnknown, RaffleNotOpen, RaffleSoldOut, PersonalLimitReached, SkillAnswerWrong, StaffExcluded,
            TicketsNotSold: nobody, or not this person, could buy as many tickets.
        TooManyLines, TooManyPieces: the cart is full.
        CartChanged: the same account has begun a cart at this moment; a fresh try finds it.
    """
    before = await _open_cart(tx, owner)
    confirm(before.version if before else 0)
    start = before or Basket(new_id(), 0, addition.currency, ())
    goods = await _goods(tx, start, addition)
    item = added(start, _new_item(addition, goods))
    after = start.with_items(item)
    sheet = await _sheet(tx, after, goods)
    await _must_be_sold(tx, sheet, item)
    tx.write(
        repository.touch(tx, before) if before else repository.add_cart(tx, after, owner),
        repository.put_items(tx, start.cart_id, [item]),
    )
    return sheet


async def change_quantity(
    tx: Transaction, owner: CartOwner | None, item_id: UUID, quantity: int, *, confirm: Confirm
) -> CartDetails:
    """Give an item of the owner's cart another quantity; fewer is always possible.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
        VariantNotSold: it is not for sale any more.
        SoldOut: less is available than is wanted.
        RaffleNotOpen, RaffleSoldOut, PersonalLimitReached: nobody could buy as many tickets.
    """
    before = await _cart_with_items(tx, owner)
    confirm(before.version)
    item = before.item(item_id)
    changed = replace(item, quantity=quantity)
    sheet = await _sheet(tx, before.with_items(changed))
    if quantity > item.quantity:
        await _must_be_sold(tx, sheet, changed)
    tx.write(repository.touch(tx, before), repository.put_items(tx, before.cart_id, [changed]))
    return sheet


async def remove_item(tx: Transaction, owner: CartOwner | None, item_id: UUID, *, confirm: Confirm) -> CartDetails:
    """Take an item out of the owner's cart.

    Raises:
        CartTokenUnknown, ItemUnknown: there is no such cart, or no such item in it.
    """
    before = await _cart_with_items(tx, owner)
    confirm(before.version)
    item = before.item(item_id)
    tx.write(repository.touch(tx, before), repository.remove_items(tx, before.cart_id, [item]))
    return await _sheet(tx, before.without(item))


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
    """Put a guest's cart into the account's own and end it; a token without an open cart changes nothing.

    Of tickets the cart then holds no more than the raffle's rules still allow the account.
    """
    guest = await repository.lock_basket(tx, CartOwner.guest(token))
    if guest is None:
        return
    owner = CartOwner(user_id=user_id)
    mine = await repository.lock_basket(tx, owner)
    tx.write(repository.close(tx, guest, status="merged"))
    if not guest.items:
        return
    cart_id = mine.cart_id if mine else new_id()
    theirs = [replace(item, id=new_id()) for item in guest.items]
    raffle_ids = [item.offer_id for item in guest.tickets]
    most = (
        await raffles.remaining_allowance(tx, user_id, await raffles.find_public_raffles(tx, raffle_ids))
        if raffle_ids
        else {}
    )
    changed = joined(mine.items if mine else (), theirs, most=most)
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
    variant_ids = [item.offer_id for item in basket.goods]
    if addition is not None and addition.variant_id is not None:
        variant_ids.append(addition.variant_id)
    product_id = None if addition is None else addition.product_id
    return await catalog.sellable(tx, variant_ids, or_of_product=product_id) if variant_ids or product_id else {}


async def _sheet(tx: Transaction, basket: Basket, goods: Mapping[UUID, Sellable] | None = None) -> CartDetails:
    """Gather what a cart shows; `goods` may be more than it holds."""
    known = await _goods(tx, basket) if goods is None else goods
    raffle_ids = [item.offer_id for item in basket.tickets]
    shown = await raffles.find_public_raffles(tx, raffle_ids) if raffle_ids else {}
    return CartDetails(
        basket=basket,
        currency=basket.currency,
        goods={id: good for id, good in known.items() if good.unit_price.currency == basket.currency},
        raffles=shown,
        on_sale=frozenset(await _selling(tx, shown, basket.currency)),
    )


async def _selling(tx: Transaction, shown: Mapping[UUID, Raffle], currency: str) -> list[UUID]:
    return [
        id
        for id, raffle in shown.items()
        if raffle.sells_at(await tx.now()) and raffle.terms.ticket_price.currency == currency
    ]


def _new_item(addition: Addition, goods: Mapping[UUID, Sellable]) -> BasketItem:
    if addition.raffle_id is not None:
        return BasketItem(new_id(), TICKET, addition.raffle_id, addition.quantity, addition.answer)
    variant_id = addition.variant_id
    if variant_id is None:
        assert addition.product_id is not None, "an addition names a variant, a product or a raffle"
        variant_id = catalog.only_variant(goods, addition.product_id)
    return BasketItem(new_id(), GOODS, variant_id, addition.quantity)


async def _must_be_sold(tx: Transaction, sheet: CartDetails, item: BasketItem) -> None:
    """Refuse what could not be bought at this moment; who buys it, and what they hold, is asked when they do."""
    if item.is_ticket:
        wish = TicketRequest(item.offer_id, item.quantity, item.answer)
        await raffles.quote_ticket_line(tx, wish, sheet.raffles.get(item.offer_id))
        if item.offer_id not in sheet.on_sale:
            raise TicketsNotSold
        return
    if item.offer_id not in sheet.goods:
        raise VariantNotSold
    available = sheet.goods[item.offer_id].available
    if available is not None and available < item.quantity:
        raise SoldOut(variant_id=item.offer_id, available=available)
