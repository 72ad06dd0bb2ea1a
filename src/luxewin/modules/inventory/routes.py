"""Stock over HTTP, for staff; shoppers see the availability of products in the storefront."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.ids import new_id
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page, keyset
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import service
from luxewin.modules.inventory.domain import Movement, VariantStock
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
from luxewin.modules.inventory.service import AdjustStock, TransferStock

router = Router("inventory")
READ = staff("inventory.read")
WRITE = staff("inventory.write")
_BY_CODE = keyset(str)


@router.operation(
    "GET", "/inventory/locations", permission=READ, response_model=Page[LocationView], errors=(InvalidCursor,)
)
async def list_locations(context: CurrentContext, paging: Paging) -> Response:
    """List the stock locations, by code."""
    page = await paginate(
        context,
        paging,
        listing="inventory/locations",
        keyset=_BY_CODE,
        fetch=lambda tx, after, limit: service.list_locations(tx, after=after, limit=limit),
        key=lambda location: location.code,
        view=LocationView.of,
    )
    return response(json_response(page))


@router.operation(
    "POST",
    "/inventory/locations",
    permission=WRITE,
    response_model=LocationView,
    status=201,
    errors=(LocationExists,),
)
async def add_location(context: CurrentContext, body: NewLocation) -> Response:
    """Add a stock location."""

    async def effect(tx: Transaction) -> StoredResponse:
        location = await service.add_location(tx, code=body.code, name=body.name)
        return json_response(LocationView.of(location), status=201)

    return await context.write(effect)


@router.operation(
    "GET", "/inventory/movements", permission=READ, response_model=Page[MovementView], errors=(InvalidCursor,)
)
async def list_movements(
    context: CurrentContext,
    paging: Paging,
    variant_id: Annotated[UUID, Query(description="The variant")],
) -> Response:
    """List a variant's movements, the latest first.

    The stock on hand is the sum of its movements.
    """
    page = await paginate(
        context,
        paging,
        listing=f"inventory/movements/{variant_id}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.movements_of(tx, variant_id, before=before, limit=limit),
        key=_position_of_movement,
        view=MovementView.of,
    )
    return response(json_response(page))


@router.operation(
    "POST",
    "/inventory/adjustments",
    permission=WRITE,
    response_model=StockView,
    status=201,
    errors=(VariantUnknown, LocationUnknown, StockReserved, StockChanged, PreconditionFailed),
)
async def adjust_stock(context: CurrentContext, body: NewAdjustment) -> Response:
    """Adjust the stock on hand at a location, by a difference or to a counted number.

    Units that arrive are assigned to the orders that wait for them. An untracked variant becomes tracked. With the
    `ETag` of the variant's stock as `If-Match`, the adjustment is refused (412) if units were sold or moved since.
    """
    adjustment = AdjustStock(**dict(body))

    async def effect(tx: Transaction) -> StoredResponse:
        await _must_match(tx, context, body.variant_id)
        await service.adjust_stock(tx, adjustment)
        return await _stock_after(tx, body.variant_id)

    return await context.write(effect)


@router.operation(
    "POST",
    "/inventory/transfers",
    permission=WRITE,
    response_model=StockView,
    status=201,
    errors=(VariantUnknown, LocationUnknown, SameLocation, StockReserved, StockChanged, PreconditionFailed),
)
async def transfer_stock(context: CurrentContext, body: NewTransfer) -> Response:
    """Transfer units that are not reserved from one location to another."""
    transfer = TransferStock(id=new_id(), **dict(body))

    async def effect(tx: Transaction) -> StoredResponse:
        await _must_match(tx, context, body.variant_id)
        await service.transfer_stock(tx, transfer)
        return await _stock_after(tx, body.variant_id)

    return await context.write(effect)


@router.operation("GET", "/inventory/{variant_id}", permission=READ, response_model=StockView, errors=(VariantUnknown,))
async def read_stock(context: CurrentContext, variant_id: UUID) -> Response:
    """Read a variant's stock at every location."""
    stock = await context.transaction(lambda tx: service.stock_of(tx, variant_id))
    return response(json_response(StockView.of(stock), ETag=f'"{stock.version}-{_state(stock)}"'))


async def _must_match(tx: Transaction, context: RequestContext, variant_id: UUID) -> None:
    """Compare the variant's stock, which is locked, with `If-Match`."""
    if "if-match" in context.headers:
        stock = await service.lock_stock_of(tx, variant_id)
        must_match(context, stock.version, has_state=True, state=_state(stock))


def _state(stock: VariantStock) -> str:
    return f"{stock.on_hand}.{stock.reserved}"


async def _stock_after(tx: Transaction, variant_id: UUID) -> StoredResponse:
    await tx.flush()
    return json_response(StockView.of(await service.stock_of(tx, variant_id)), status=201)


def _position_of_movement(movement: Movement) -> tuple[datetime, UUID]:
    assert movement.at is not None, "a stored movement has a time"
    return movement.at, movement.id
