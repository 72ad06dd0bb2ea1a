"""Stock over HTTP: for staff alone; shoppers see what is in stock with the products."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.ids import new_id
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import service
from luxewin.modules.inventory.errors import (
    LocationExists,
    LocationUnknown,
    SameLocation,
    StockChanged,
    StockReserved,
    VariantUnknown,
)
from luxewin.modules.inventory.schemas import (
    LocationView,
    MovementView,
    NewAdjustment,
    NewLocation,
    NewTransfer,
    StockView,
)
from luxewin.modules.inventory.service import Adjustment, StockTransfer

router = Router("inventory")
READ = staff("inventory.read")
WRITE = staff("inventory.write")

Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT)]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.operation("GET", "/inventory/locations", permission=READ, answers=Page[LocationView], refuses=(InvalidCursor,))
async def list_locations(context: CurrentContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> Response:
    """List the places where stock lies, by code."""
    cursors = context.service(Cursors)
    listing = "inventory/locations"
    place = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    after = str(place[0]) if place else None
    found = await context.read(lambda tx: service.list_locations(tx, after=after, limit=limit + 1))
    shown = found[:limit]
    following = None
    if len(found) > limit:
        following = cursors.sign([shown[-1].code], tenant_id=context.tenant.id, listing=listing)
    page = Page[LocationView](data=[LocationView.of(location) for location in shown], next_cursor=following)
    return response(json_response(page))


@router.operation(
    "POST",
    "/inventory/locations",
    permission=WRITE,
    answers=LocationView,
    status=201,
    refuses=(LocationExists,),
)
async def add_location(context: CurrentContext, body: NewLocation) -> Response:
    """Add a place where stock can lie."""

    async def effect(tx: Transaction) -> StoredResponse:
        location = await service.add_location(tx, code=body.code, name=body.name)
        return json_response(LocationView.of(location), status=201)

    return await context.write(effect)


@router.operation("GET", "/inventory/movements", permission=READ, answers=Page[MovementView], refuses=(InvalidCursor,))
async def list_movements(
    context: CurrentContext,
    variant_id: Annotated[UUID, Query(description="Whose movements")],
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List a variant's movements, the latest first.

    What is on hand is the sum of these.
    """
    cursors = context.service(Cursors)
    listing = f"inventory/movements/{variant_id}"
    place = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    before = (datetime.fromisoformat(place[0]), UUID(place[1])) if place else None
    found = await context.read(lambda tx: service.movements_of(tx, variant_id, before=before, limit=limit + 1))
    shown = found[:limit]
    following = None
    if len(found) > limit:
        following = cursors.sign([shown[-1].at, shown[-1].id], tenant_id=context.tenant.id, listing=listing)
    page = Page[MovementView](data=[MovementView.of(movement) for movement in shown], next_cursor=following)
    return response(json_response(page))


@router.operation(
    "POST",
    "/inventory/adjustments",
    permission=WRITE,
    answers=StockView,
    status=201,
    refuses=(VariantUnknown, LocationUnknown, StockReserved, StockChanged),
)
async def adjust_stock(context: CurrentContext, body: NewAdjustment) -> Response:
    """Correct what is on hand at a location, by a difference or to a counted number.

    Goods that orders wait for go to them at once. A variant that was not tracked is from now on.
    """
    adjustment = Adjustment(**dict(body))

    async def effect(tx: Transaction) -> StoredResponse:
        await service.adjust_stock(tx, adjustment)
        return await _stock_after(tx, body.variant_id)

    return await context.write(effect)


@router.operation(
    "POST",
    "/inventory/transfers",
    permission=WRITE,
    answers=StockView,
    status=201,
    refuses=(VariantUnknown, LocationUnknown, SameLocation, StockReserved, StockChanged),
)
async def transfer_stock(context: CurrentContext, body: NewTransfer) -> Response:
    """Move pieces that are not held for an order from one location to another."""
    transfer = StockTransfer(id=new_id(), **dict(body))

    async def effect(tx: Transaction) -> StoredResponse:
        await service.transfer_stock(tx, transfer)
        return await _stock_after(tx, body.variant_id)

    return await context.write(effect)


@router.operation("GET", "/inventory/{variant_id}", permission=READ, answers=StockView, refuses=(VariantUnknown,))
async def read_stock(context: CurrentContext, variant_id: UUID) -> Response:
    """Read a variant's stock at every location."""
    stock = await context.read(lambda tx: service.stock_of(tx, variant_id))
    return response(json_response(StockView.of(stock), ETag=f'"{stock.version}"'))


async def _stock_after(tx: Transaction, variant_id: UUID) -> StoredResponse:
    await tx.flush()
    return json_response(StockView.of(await service.stock_of(tx, variant_id)), status=201)
