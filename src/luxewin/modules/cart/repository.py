"""The queries of carts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.cart.domain import Basket, BasketItem, CartOwner, CheckoutDetails
from luxewin.modules.cart.errors import CartChanged
from luxewin.modules.line_kinds.public import KINDS, REFERENCES
from luxewin.modules.shipping import public as shipping
from luxewin.modules.shipping.public import ShippingMethod

_OFFER = ", ".join("{0}" + reference for reference in REFERENCES)
_ITEM = f"{{0}}id, {{0}}kind, coalesce({_OFFER}) AS offer_id, {{0}}quantity, {{0}}skill_answer"
_FIRST_REFERENCE = 7
_PUT_ITEMS = (
    f"INSERT INTO cart_items (tenant_id, id, cart_id, kind, {', '.join(REFERENCES)}, quantity, skill_answer, added_at)"
    f" SELECT $1, i.id, $2, i.kind, {', '.join('i.' + reference for reference in REFERENCES)}, i.quantity, i.answer,"
    " kit_now() FROM unnest($3::uuid[], $4::text[], $5::int[], $6::text[], "
    + ", ".join(f"${number}::uuid[]" for number, _ in enumerate(REFERENCES, _FIRST_REFERENCE))
    + f") AS i(id, kind, quantity, answer, {', '.join(REFERENCES)}) ON CONFLICT (tenant_id, id)"
    " DO UPDATE SET quantity = excluded.quantity, skill_answer = excluded.skill_answer"
)
_DETAILS = "shipping_address, billing_address, shipping_method, email, note"
_CART = "c.id AS cart_id, c.version, c.currency, " + ", ".join(f"c.{name}" for name in _DETAILS.split(", "))
_METHODS = "(SELECT jsonb_agg(to_jsonb(m)) FROM shipping_v_methods m WHERE m.tenant_id = $1) AS methods"
_OPEN = "c.tenant_id = $1 AND c.status = 'open' AND"
_OF_OWNER = {True: f"{_OPEN} c.user_id = $2", False: f"{_OPEN} c.token_hash = $2"}


async def basket(tx: Transaction, owner: CartOwner) -> tuple[Basket | None, list[ShippingMethod]]:
    """Return the owner's open cart, or None, and the shipping methods on offer, as one statement sees them."""
    rows = await tx.fetch(
        f"WITH cart AS (SELECT {_CART} FROM cart_carts c WHERE {_owner_condition(owner)})"
        f" SELECT cart.*, {_ITEM.format('i.')}, CASE WHEN row_number() OVER (ORDER BY i.added_at, i.id) = 1"
        f" THEN {_METHODS.removesuffix(' AS methods')} END AS methods FROM (SELECT) AS one LEFT JOIN cart ON true"
        " LEFT JOIN cart_items i ON i.tenant_id = $1 AND i.cart_id = cart.cart_id ORDER BY i.added_at, i.id",
        tx.tenant_id,
        owner.user_id or owner.token_hash,
    )
    return _basket(rows[0], _items(row for row in rows if row["id"])), shipping.methods_of(rows[0]["methods"])


async def lock_basket(tx: Transaction, owner: CartOwner) -> tuple[Basket | None, list[ShippingMethod]]:
    """Lock the owner's open cart, and return it as it is now, or None, with the shipping methods on offer.

    The items are read in a second statement, after the lock is held: a single statement would return them as they were
    before it waited. So simultaneous changes of one cart follow each other, and none is lost.
    """
    cart = await tx.fetchrow(
        f"WITH cart AS (SELECT {_CART} FROM cart_carts c WHERE {_owner_condition(owner)} FOR NO KEY UPDATE)"
        f" SELECT cart.*, {_METHODS} FROM (SELECT) AS one LEFT JOIN cart ON true",
        tx.tenant_id,
        owner.user_id or owner.token_hash,
    )
    assert cart is not None, "the first table of the join has one row"
    methods = shipping.methods_of(cart["methods"])
    if cart["cart_id"] is None:
        return None, methods
    rows = await tx.fetch(
        f"SELECT {_ITEM.format('')} FROM cart_items WHERE tenant_id = $1 AND cart_id = $2 ORDER BY added_at, id",
        tx.tenant_id,
        cart["cart_id"],
    )
    return _basket(cart, _items(rows)), methods


def add_cart(tx: Transaction, basket: Basket, owner: CartOwner) -> Write:
    """Return the write that creates a cart, unless another request of the owner has just created one."""
    return write(
        "INSERT INTO cart_carts (tenant_id, id, user_id, token_hash, status, currency, created_at, updated_at, version,"
        f" {_DETAILS}) VALUES ($1, $2, $3, $4, 'open', $5, kit_now(), kit_now(), $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT DO NOTHING",
        tx.tenant_id,
        basket.cart_id,
        owner.user_id,
        owner.token_hash,
        basket.currency,
        basket.version,
        *_details_of(basket),
        rows=1,
        otherwise=CartChanged,
    )


def put_details(tx: Transaction, before: Basket, after: Basket) -> Write:
    """Return the write that changes a cart's details, if the cart is still as it was read."""
    return write(
        "UPDATE cart_carts SET shipping_address = $4, billing_address = $5, shipping_method = $6, email = $7,"
        " note = $8, version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = 'open'",
        tx.tenant_id,
        before.cart_id,
        before.version,
        *_details_of(after),
        rows=1,
        otherwise=CartChanged,
    )


def touch(tx: Transaction, basket: Basket) -> Write:
    """Return the write that increments a cart's version, if the cart is still as it was read."""
    return write(
        "UPDATE cart_carts SET version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = 'open'",
        tx.tenant_id,
        basket.cart_id,
        basket.version,
        rows=1,
        otherwise=CartChanged,
    )


def close(tx: Transaction, basket: Basket, *, status: str) -> Write:
    """Return the write that closes a cart, if it is still as it was read; a closed cart is never opened again."""
    return write(
        "UPDATE cart_carts SET status = $4, version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3 AND status = 'open'",
        tx.tenant_id,
        basket.cart_id,
        basket.version,
        status,
        rows=1,
        otherwise=CartChanged,
    )


def put_items(tx: Transaction, cart_id: UUID, items: Sequence[BasketItem]) -> Write:
    """Return the write that adds items to a cart, and sets the quantity of items that the cart already has."""
    return write(
        _PUT_ITEMS,
        tx.tenant_id,
        cart_id,
        [item.id for item in items],
        [item.kind for item in items],
        [item.quantity for item in items],
        [item.answer for item in items],
        *([_offer_in(item, reference) for item in items] for reference in REFERENCES),
        rows=len(items),
        otherwise=CartChanged,
    )


def remove_items(tx: Transaction, cart_id: UUID, items: Sequence[BasketItem]) -> Write:
    """Return the write that removes items from a cart."""
    return write(
        "DELETE FROM cart_items WHERE tenant_id = $1 AND cart_id = $2 AND id = ANY($3::uuid[])",
        tx.tenant_id,
        cart_id,
        [item.id for item in items],
        rows=len(items),
        otherwise=CartChanged,
    )


def _owner_condition(owner: CartOwner) -> str:
    return _OF_OWNER[owner.user_id is not None]


def _offer_in(item: BasketItem, reference: str) -> UUID | None:
    """Return the value of an item in one of the columns that refer to offers."""
    return item.offer_id if KINDS.get(item.kind).reference == reference else None


def _basket(row: Any, items: tuple[BasketItem, ...]) -> Basket | None:
    if row["cart_id"] is None:
        return None
    details = CheckoutDetails(**{name: row[name] for name in _DETAILS.split(", ")})
    return Basket(row["cart_id"], row["version"], row["currency"], items, details)


def _details_of(basket: Basket) -> list[Any]:
    """Return a cart's details in the order of their columns; addresses as plain JSON."""
    details = asdict(basket.details)
    return [details[name] for name in _DETAILS.split(", ")]


def _items(rows: Any) -> tuple[BasketItem, ...]:
    return tuple(
        BasketItem(row["id"], row["kind"], row["offer_id"], row["quantity"], row["skill_answer"]) for row in rows
    )
