"""Merging a guest's cart into the cart of an account."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import repository
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner, CheckoutDetails, merge_items
from luxewin.modules.line_kinds.public import KINDS


async def merge_guest(tx: Transaction, *, token: str, user_id: UUID) -> None:
    """Merge a guest's cart into the account's own, and close it; a token without an open cart changes nothing.

    The quantity of each offer is limited to the units that the account may buy. The account's own addresses and other
    details are kept; where it has none, the guest's are taken.
    """
    guest, _ = await repository.lock_basket(tx, CartOwner.guest(token))
    if guest is None:
        return
    owner = CartOwner(user_id=user_id)
    own, _ = await repository.lock_basket(tx, owner)
    tx.write(repository.close(tx, guest, status="merged"))
    if own is None:
        merged = Basket(new_id(), 1, guest.currency, (), guest.details)
        if not guest.items and guest.details == CheckoutDetails():
            return
        tx.write(repository.add_cart(tx, merged, owner))
    else:
        merged = replace(own, details=own.details.completed_by(guest.details))
        if not guest.items and merged == own:
            return
        tx.write(repository.put_details(tx, own, merged) if merged != own else repository.touch(tx, own))
    guest_items = [replace(item, id=new_id()) for item in guest.items]
    most = await _most_units(tx, guest_items, user_id=user_id)
    if changed := merge_items(merged.items, guest_items, most=most):
        tx.write(repository.put_items(tx, merged.cart_id, changed))


async def _most_units(tx: Transaction, items: Iterable[BasketItem], *, user_id: UUID) -> dict[UUID, int]:
    most: dict[UUID, int] = {}
    for kind, of_kind in KINDS.group_by_kind(items):
        most |= await kind.most_units(tx, [item.offer_id for item in of_kind], user_id=user_id)
    return most
