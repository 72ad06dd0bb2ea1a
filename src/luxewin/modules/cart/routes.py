"""The cart over HTTP: an account's own, or that of the guest who holds the token."""

import secrets
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, answer, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredAnswer
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import service
from luxewin.modules.cart.domain import CartOwner
from luxewin.modules.cart.errors import (
    CartChanged,
    CartTokenUnknown,
    CartTooLarge,
    ItemUnknown,
    TicketsNotSold,
    TooManyLines,
    TooManyPieces,
    VariantNotSold,
)
from luxewin.modules.cart.public import TOKEN_HEADER, owner_of
from luxewin.modules.cart.schemas import CartDetails, CartItemQuantity, CartView, NewCartItem
from luxewin.modules.catalog.public import ProductUnknown, VariantAmbiguous
from luxewin.modules.inventory.public import SoldOut
from luxewin.modules.raffles.public import (
    PersonalLimitReached,
    RaffleNotOpen,
    RaffleSoldOut,
    RaffleUnknown,
    SkillAnswerWrong,
    StaffExcluded,
)

router = Router(
    "cart",
    priority=Priority.OWN,
    credential_headers=(TOKEN_HEADER,),
    exposed_headers=("X-Cart-Token",),
)
READ = everyone("cart.read")
WRITE = everyone("cart.write")

_TOKEN_BYTES = 32
_NEW_TOKEN: dict[int | str, dict[str, Any]] = {
    201: {
        "headers": {
            "X-Cart-Token": {
                "description": "A guest's first write begins a cart; this token is the only key to it",
                "schema": {"type": "string"},
            }
        }
    }
}


@router.operation("GET", "/cart", permission=READ, answers=CartView, refuses=(CartTooLarge,))
async def read_cart(context: CurrentContext) -> Response:
    """Read the cart at the prices and with the stock of this moment.

    A guest names it with `X-Cart-Token`. Whoever has no cart sees an empty one, with version 0.
    """
    sheet = await context.read(lambda tx: service.read_cart(tx, owner_of(context), currency=context.tenant.currency))
    return response(_shown(sheet))


@router.operation(
    "POST",
    "/cart/items",
    permission=WRITE,
    answers=CartView,
    status=201,
    refuses=(
        CartTokenUnknown,
        VariantNotSold,
        ProductUnknown,
        VariantAmbiguous,
        SoldOut,
        RaffleUnknown,
        TicketsNotSold,
        RaffleNotOpen,
        RaffleSoldOut,
        PersonalLimitReached,
        SkillAnswerWrong,
        StaffExcluded,
        TooManyLines,
        TooManyPieces,
        CartTooLarge,
        CartChanged,
        PreconditionFailed,
    ),
    also=_NEW_TOKEN,
)
async def add_cart_item(context: CurrentContext, body: NewCartItem) -> Response:
    """Put something into the cart; what is in the cart already adds up.

    A variant, a product that has only one, or tickets of a raffle, with `skill_answer` where it asks a question. A cart
    holds nothing back: stock and tickets are held by the order.

    A guest without a token begins a cart: the answer's header `X-Cart-Token` names it from then on. As tokens are never
    stored, that first write ignores an `Idempotency-Key`.
    """
    owner, begun, token = _owner_or_newcomer(context)

    async def effect(tx: Transaction) -> StoredAnswer:
        addition = service.Addition(
            variant_id=body.variant_id,
            product_id=body.product_id,
            raffle_id=body.raffle_id,
            answer=body.skill_answer,
            quantity=body.quantity,
            currency=context.tenant.currency,
        )
        sheet = await service.add_item(tx, owner, addition, confirm=partial(must_match, context))
        return _shown(sheet, status=201, **token)

    return await begun.write(effect)


@router.operation(
    "PUT",
    "/cart/items/{item_id}",
    permission=WRITE,
    answers=CartView,
    refuses=(
        CartTokenUnknown,
        ItemUnknown,
        VariantNotSold,
        SoldOut,
        TicketsNotSold,
        RaffleNotOpen,
        RaffleSoldOut,
        PersonalLimitReached,
        SkillAnswerWrong,
        StaffExcluded,
        CartTooLarge,
        CartChanged,
        PreconditionFailed,
    ),
)
async def change_cart_item(context: CurrentContext, item_id: UUID, body: CartItemQuantity) -> Response:
    """Give an item another quantity."""

    async def effect(tx: Transaction) -> StoredAnswer:
        confirm = partial(must_match, context)
        return _shown(await service.change_quantity(tx, owner_of(context), item_id, body.quantity, confirm=confirm))

    return await context.write(effect)


@router.operation(
    "DELETE",
    "/cart/items/{item_id}",
    permission=WRITE,
    answers=CartView,
    refuses=(CartTokenUnknown, ItemUnknown, CartTooLarge, CartChanged, PreconditionFailed),
)
async def remove_cart_item(context: CurrentContext, item_id: UUID) -> Response:
    """Take an item out of the cart."""

    async def effect(tx: Transaction) -> StoredAnswer:
        return _shown(await service.remove_item(tx, owner_of(context), item_id, confirm=partial(must_match, context)))

    return await context.write(effect)


@router.operation(
    "DELETE", "/cart", permission=WRITE, status=204, refuses=(CartTokenUnknown, CartChanged, PreconditionFailed)
)
async def empty_cart(context: CurrentContext) -> Response:
    """Take everything out of the cart."""

    async def effect(tx: Transaction) -> StoredAnswer:
        await service.empty_cart(tx, owner_of(context), confirm=partial(must_match, context))
        return answer(None, status=204)

    return await context.write(effect)


def _owner_or_newcomer(context: RequestContext) -> tuple[CartOwner, RequestContext, dict[str, str]]:
    """Return the owner, the call to write with, and the header that tells a newcomer the token.

    A rehearsal begins no cart, so it hands out no token.
    """
    owner = owner_of(context)
    if owner is not None:
        return owner, context, {}
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    header = {} if context.is_dry_run else {"X_Cart_Token": token}
    return CartOwner.guest(token, is_new=True), replace(context, key=None), header


def _shown(sheet: CartDetails, *, status: int = 200, **headers: str) -> StoredAnswer:
    return answer(CartView.of(sheet), status=status, ETag=f'"{sheet.version}"', **headers)
