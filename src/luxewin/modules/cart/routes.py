"""The cart over HTTP: the account's cart, or the cart of the guest who holds the token."""

import inspect
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.fields import Country, must_match
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Endpoint, Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.modules.cart import service
from luxewin.modules.cart.domain import CartOwner
from luxewin.modules.cart.errors import (
    CartChanged,
    CartTokenUnknown,
    CartTooLarge,
    ItemUnknown,
    TooManyLines,
    TooManyUnits,
)
from luxewin.modules.cart.public import TOKEN_HEADER, owner_of
from luxewin.modules.cart.schemas import CartChange, CartDetails, CartItemQuantity, CartView, ShippingOptionsView
from luxewin.modules.line_kinds.public import KINDS, SELECTION_HELP, NewCartItem
from luxewin.modules.shipping.public import DestinationNotServed, ShippingMethodUnknown

router = Router(
    "cart",
    priority=Priority.OWN,
    credential_headers=(TOKEN_HEADER,),
    exposed_headers=("X-Cart-Token",),
)
READ = everyone("cart.read")
WRITE = everyone("cart.write")

_SELECTION_ERRORS = tuple(error for kind in KINDS.kinds for error in kind.selection_errors)
_SALE_ERRORS = tuple(error for kind in KINDS.kinds for error in kind.sale_errors)
_TOKEN_BYTES = 32
_NEW_TOKEN: dict[int | str, dict[str, Any]] = {
    201: {
        "headers": {
            "X-Cart-Token": {
                "description": "A guest's first write creates a cart; this token is the only key to it",
                "schema": {"type": "string"},
            }
        }
    }
}


def _fill_docstring(**texts: str) -> Callable[[Endpoint], Endpoint]:
    """Return a decorator that replaces placeholders in braces in an endpoint's docstring."""

    def fill(endpoint: Endpoint) -> Endpoint:
        endpoint.__doc__ = inspect.cleandoc(endpoint.__doc__ or "").format(**texts)
        return endpoint

    return fill


@router.operation("GET", "/cart", permission=READ, response_model=CartView)
async def read_cart(context: CurrentContext) -> Response:
    """Read the cart with current prices and stock.

    Its totals are what its order would charge with what the cart knows: shipping is included as soon as there is an
    address, a chosen method, or only one method. The `ETag` changes with every amount. A guest sends `X-Cart-Token`. A
    caller without a cart gets an empty one, with version 0.
    """
    cart = await context.transaction(
        lambda tx: service.read_cart(tx, owner_of(context), currency=context.tenant.currency)
    )
    return response(_present(cart))


@router.operation(
    "POST",
    "/cart/items",
    permission=WRITE,
    response_model=CartView,
    status=201,
    errors=(
        CartTokenUnknown,
        *_SELECTION_ERRORS,
        *_SALE_ERRORS,
        TooManyLines,
        TooManyUnits,
        CartTooLarge,
        CartChanged,
        PreconditionFailed,
    ),
    extra_responses=_NEW_TOKEN,
)
@_fill_docstring(selection=SELECTION_HELP)
async def add_cart_item(context: CurrentContext, body: NewCartItem) -> Response:
    """Add an item to the cart; the quantities of equal items add up.

    {selection}

    The first write of a guest without a token creates a cart; send the response's header `X-Cart-Token` from then on.
    As tokens are never stored, that first write ignores an `Idempotency-Key`.
    """
    owner, writing, headers = _owner_or_new_guest(context)
    addition = service.Addition(selection=KINDS.select(body), quantity=body.quantity, currency=context.tenant.currency)
    return await writing.write(
        lambda tx: service.add_item(tx, owner, addition, confirm=partial(must_match, context, has_state=True)),
        lambda cart: _present(cart, status=201, **headers),
    )


@router.operation(
    "PUT",
    "/cart/items/{item_id}",
    permission=WRITE,
    response_model=CartView,
    errors=(
        CartTokenUnknown,
        ItemUnknown,
        *_SALE_ERRORS,
        CartTooLarge,
        CartChanged,
        PreconditionFailed,
    ),
)
async def change_cart_item(context: CurrentContext, item_id: UUID, body: CartItemQuantity) -> Response:
    """Change the quantity of an item."""
    owner, confirm = owner_of(context), partial(must_match, context, has_state=True)
    return await context.write(
        lambda tx: service.change_quantity(tx, owner, item_id, body.quantity, confirm=confirm), _present
    )


@router.operation(
    "DELETE",
    "/cart/items/{item_id}",
    permission=WRITE,
    response_model=CartView,
    errors=(CartTokenUnknown, ItemUnknown, CartChanged, PreconditionFailed),
)
async def remove_cart_item(context: CurrentContext, item_id: UUID) -> Response:
    """Remove an item from the cart."""
    owner, confirm = owner_of(context), partial(must_match, context, has_state=True)
    return await context.write(lambda tx: service.remove_item(tx, owner, item_id, confirm=confirm), _present)


@router.operation(
    "DELETE", "/cart", permission=WRITE, status=204, errors=(CartTokenUnknown, CartChanged, PreconditionFailed)
)
async def empty_cart(context: CurrentContext) -> Response:
    """Remove all items from the cart."""
    owner, confirm = owner_of(context), partial(must_match, context, has_state=True)
    return await context.write(
        lambda tx: service.empty_cart(tx, owner, confirm=confirm), lambda _: json_response(None, status=204)
    )


@router.operation(
    "PUT",
    "/cart",
    permission=WRITE,
    response_model=CartView,
    errors=(CartTokenUnknown, ShippingMethodUnknown, DestinationNotServed, CartChanged, PreconditionFailed),
    extra_responses={200: _NEW_TOKEN[201]},
)
async def prepare_cart(context: CurrentContext, body: CartChange) -> Response:
    """Tell the cart what its order needs: addresses, shipping method, email address, note.

    Fields that are missing stay as they are; null removes a value. The totals include what is known then, and
    `POST /orders` takes from the cart what its body does not have. The cart is created if there is none, as by a first
    item.
    """
    owner, writing, headers = _owner_or_new_guest(context)
    currency, confirm = context.tenant.currency, partial(must_match, context, has_state=True)
    return await writing.write(
        lambda tx: service.change_details(tx, owner, body.changes(), currency=currency, confirm=confirm),
        lambda cart: _present(cart, status=200, **headers),
    )


@router.operation("GET", "/cart/shipping-options", permission=READ, response_model=ShippingOptionsView)
async def list_shipping_options(
    context: CurrentContext,
    country: Annotated[Country | None, Query(description="Default: the country of the cart's address")] = None,
) -> Response:
    """List the shipping methods that can be chosen for the cart, the cheapest first.

    The list is empty if nothing in the cart is shipped. Without a country it has the methods of all countries.
    """
    choices = await context.transaction(
        lambda tx: service.shipping_options(tx, owner_of(context), country=country, currency=context.tenant.currency)
    )
    return response(json_response(ShippingOptionsView.of(choices)))


def _owner_or_new_guest(context: RequestContext) -> tuple[CartOwner, RequestContext, dict[str, str]]:
    """Return the owner, the context for the write, and the header with the token of a new guest.

    A dry run creates no cart, so it returns no token.
    """
    owner = owner_of(context)
    if owner is not None:
        return owner, context, {}
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    header = {} if context.is_dry_run else {"X_Cart_Token": token}
    return CartOwner.guest(token, is_new=True), replace(context, key=None), header


def _present(cart: CartDetails, *, status: int = 200, **headers: str) -> StoredResponse:
    return json_response(CartView.of(cart), status=status, ETag=f'"{cart.entity_tag}"', **headers)
