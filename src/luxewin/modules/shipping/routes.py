"""Shipping methods over HTTP: everybody may read them, staff may change them."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import Country, must_match
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.ids import new_id
from luxewin.kit.pagination import InvalidCursor, Page, keyset
from luxewin.kit.transaction import Transaction
from luxewin.modules.shipping import service
from luxewin.modules.shipping.domain import ShippingMethod
from luxewin.modules.shipping.errors import CurrencyNotServed, MethodChanged, MethodExists, MethodNotFound
from luxewin.modules.shipping.schemas import NewShippingMethod, ShippingMethodPatch, ShippingMethodView

router = Router("shipping")
READ = everyone("shipping.read")
WRITE = staff("shipping.write")
_BY_AMOUNT = keyset(int, str)


@router.operation(
    "GET", "/shipping-methods", permission=READ, response_model=Page[ShippingMethodView], errors=(InvalidCursor,)
)
async def list_shipping_methods(
    context: CurrentContext,
    paging: Paging,
    country: Annotated[Country | None, Query(description="Only methods that serve it, ISO 3166-1 alpha-2")] = None,
) -> Response:
    """List shipping methods, the cheapest first.

    Staff also get inactive methods.
    """
    with_inactive = context.principal.is_staff
    page = await paginate(
        context,
        paging,
        listing=f"shipping-methods/{with_inactive}/{country}",
        keyset=_BY_AMOUNT,
        fetch=lambda tx, after, limit: service.list_methods(
            tx, country=country, with_inactive=with_inactive, after=after, limit=limit
        ),
        key=lambda method: (method.amount.minor, method.code),
        view=ShippingMethodView.of,
    )
    return response(json_response(page))


@router.operation(
    "POST",
    "/shipping-methods",
    permission=WRITE,
    response_model=ShippingMethodView,
    status=201,
    errors=(MethodExists, CurrencyNotServed),
)
async def add_shipping_method(context: CurrentContext, body: NewShippingMethod) -> Response:
    """Add a shipping method with a flat rate."""
    method = body.method(new_id())

    async def effect(tx: Transaction) -> ShippingMethod:
        service.add_method(tx, method, shop_currency=context.tenant.currency)
        return method

    return await context.write(effect, partial(_present, status=201))


@router.operation(
    "PATCH",
    "/shipping-methods/{method_id}",
    permission=WRITE,
    response_model=ShippingMethodView,
    errors=(MethodNotFound, CurrencyNotServed, MethodChanged, PreconditionFailed),
)
async def change_shipping_method(context: CurrentContext, method_id: UUID, body: ShippingMethodPatch) -> Response:
    """Change a shipping method; placed orders keep their price."""

    async def effect(tx: Transaction) -> ShippingMethod:
        before = await service.find_method(tx, method_id)
        must_match(context, before.version)
        return service.change_method(tx, before, body.applied_to(before), shop_currency=context.tenant.currency)

    return await context.write(effect, _present)


@router.operation(
    "DELETE",
    "/shipping-methods/{method_id}",
    permission=WRITE,
    status=204,
    errors=(MethodNotFound, MethodChanged, PreconditionFailed),
)
async def remove_shipping_method(context: CurrentContext, method_id: UUID) -> Response:
    """Remove a shipping method; placed orders keep it."""

    async def effect(tx: Transaction) -> None:
        method = await service.find_method(tx, method_id)
        must_match(context, method.version)
        service.remove_method(tx, method)

    return await context.write(effect, lambda _: json_response(None, status=204))


def _present(method: ShippingMethod, *, status: int = 200) -> StoredResponse:
    return json_response(ShippingMethodView.of(method), status=status, ETag=f'"{method.version}"')
