"""The cart over HTTP: the account's cart, or the cart of the guest who holds the token."""

import inspect
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.fields import must_match
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
from luxewin.modules.cart.schemas import CartDetails, CartItemQuantity, CartView
from luxewin.modules.line_kinds.public import KINDS, SELECTION_HELP, NewCartItem

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


@router.operation("GET", "/cart", permission=READ, response_model=CartView, errors=(CartTooLarge,))
async def read_cart(context: CurrentContext) -> Response:
    """Read the cart with current prices and stock.

    A guest sends `X-Cart-Token`. A caller without a cart gets an empty one, with version 0.
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
        lambda tx: service.add_item(tx, owner, addition, confirm=partial(must_match, context)),
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
    owner, confirm = owner_of(context), partial(must_match, context)
    return await context.write(
        lambda tx: service.change_quantity(tx, owner, item_id, body.quantity, confirm=confirm), _present
    )


@router.operation(
    "DELETE",
    "/cart/items/{item_id}",
    permission=WRITE,
    response_model=CartView,
    errors=(CartTokenUnknown, ItemUnknown, CartTooLarge, CartChanged, PreconditionFailed),
)
async def remove_cart_item(context: CurrentContext, item_id: UUID) -> Response:
    """Remove an item from the cart."""
    owner, confirm = owner_of(context), partial(must_match, context)
    return await context.write(lambda tx: service.remove_item(tx, owner, item_id, confirm=confirm), _present)


@router.operation(
    "DELETE", "/cart", permission=WRITE, status=204, errors=(CartTokenUnknown, CartChanged, PreconditionFailed)
)
async def empty_cart(context: CurrentContext) -> Response:
    """Remove all items from the cart."""
    owner, confirm = owner_of(context), partial(must_match, context)
    return await context.write(
        lambda tx: service.empty_cart(tx, owner, confirm=confirm), lambda _: json_response(None, status=204)
    )


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
    return json_response(CartView.of(cart), status=status, ETag=f'"{cart.version}"', **headers)
