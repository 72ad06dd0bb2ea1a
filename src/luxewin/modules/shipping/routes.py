"""Shipping methods over HTTP: everybody may read what is offered, staff change it."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import Country, must_match
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.ids import new_id
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.shipping import service
from luxewin.modules.shipping.domain import ShippingMethod
from luxewin.modules.shipping.errors import CurrencyNotServed, MethodChanged, MethodExists, MethodNotFound
from luxewin.modules.shipping.schemas import NewShippingMethod, ShippingMethodPatch, ShippingMethodView

router = Router("shipping")
READ = everyone("shipping.read")
WRITE = staff("shipping.write")


@router.operation(
    "GET", "/shipping-methods", permission=READ, answers=Page[ShippingMethodView], refuses=(InvalidCursor,)
)
async def list_shipping_methods(
    context: CurrentContext,
    country: Annotated[Country | None, Query(description="Only methods that serve it, ISO 3166-1 alpha-2")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List shipping methods, the cheapest first.

    Staff also get inactive methods.
    """
    cursors = context.service(Cursors)
    with_inactive = context.principal.is_staff
    listing = f"shipping-methods/{with_inactive}/{country}"
    position = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    after = (int(position[0]), str(position[1])) if position else None
    found = await context.read(
        lambda tx: service.list_methods(tx, country=country, with_inactive=with_inactive, after=after, limit=limit + 1)
    )
    methods = found[:limit]
    following = None
    if len(found) > limit:
        last = methods[-1]
        following = cursors.sign([last.amount.minor, last.code], tenant_id=context.tenant.id, listing=listing)
    page = Page[ShippingMethodView](data=[ShippingMethodView.of(method) for method in methods], next_cursor=following)
    return response(json_response(page))


@router.operation(
    "POST",
    "/shipping-methods",
    permission=WRITE,
    answers=ShippingMethodView,
    status=201,
    refuses=(MethodExists, CurrencyNotServed),
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
    answers=ShippingMethodView,
    refuses=(MethodNotFound, CurrencyNotServed, MethodChanged, PreconditionFailed),
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
    refuses=(MethodNotFound, MethodChanged, PreconditionFailed),
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
