"""Product types over HTTP."""

from uuid import UUID

from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.fields import must_match
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.errors import CatalogueMoved, NameTaken, ProductTypeInUse, ProductTypeUnknown
from luxewin.modules.catalog.routes.router import router
from luxewin.modules.catalog.schemas.product_types import ProductTypeBody, ProductTypesView, ProductTypeView
from luxewin.modules.catalog.service import product_types as service
from luxewin.modules.identity.public import sellers

READ_PRODUCT_TYPES = sellers("catalog.product_types.read")
WRITE_PRODUCT_TYPES = staff("catalog.product_types.write")


@router.operation("GET", "/product-types", permission=READ_PRODUCT_TYPES, response_model=ProductTypesView)
async def list_product_types(context: CurrentContext) -> Response:
    """List all product types by name."""
    found = await context.transaction(service.list_product_types)
    return response(json_response(ProductTypesView(data=[ProductTypeView.of(product_type) for product_type in found])))


@router.operation(
    "POST",
    "/product-types",
    permission=WRITE_PRODUCT_TYPES,
    response_model=ProductTypeView,
    status=201,
    errors=(NameTaken,),
)
async def add_product_type(context: CurrentContext, body: ProductTypeBody) -> Response:
    """Add a product type and the attributes that it declares."""

    async def effect(tx: Transaction) -> StoredResponse:
        body.must_agree(None)
        product_type = await service.add_product_type(tx, body)
        return json_response(ProductTypeView.of(product_type), status=201, ETag=f'"{product_type.version}"')

    return await context.write(effect)


@router.operation(
    "GET",
    "/product-types/{type_id}",
    permission=READ_PRODUCT_TYPES,
    response_model=ProductTypeView,
    errors=(ProductTypeUnknown,),
)
async def read_product_type(context: CurrentContext, type_id: UUID) -> Response:
    """Read a product type."""
    found = await context.transaction(lambda tx: service.find_product_type(tx, type_id))
    return response(json_response(ProductTypeView.of(found), ETag=f'"{found.version}"'))


@router.operation(
    "PUT",
    "/product-types/{type_id}",
    permission=WRITE_PRODUCT_TYPES,
    response_model=ProductTypeView,
    errors=(ProductTypeUnknown, NameTaken, ProductTypeInUse, PreconditionFailed, CatalogueMoved),
)
async def replace_product_type(context: CurrentContext, type_id: UUID, body: ProductTypeBody) -> Response:
    """Replace a product type by the body.

    While there are products of it, attributes can be added, but not removed, made required or changed in kind.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        before = await service.find_product_type(tx, type_id)
        must_match(context, before.version)
        body.must_agree(ProductTypeView.of(before))
        after = await service.replace_product_type(tx, before, body)
        return json_response(ProductTypeView.of(after), ETag=f'"{after.version}"')

    return await context.write(effect)


@router.operation(
    "DELETE",
    "/product-types/{type_id}",
    permission=WRITE_PRODUCT_TYPES,
    status=204,
    errors=(ProductTypeUnknown, ProductTypeInUse, PreconditionFailed, CatalogueMoved),
)
async def delete_product_type(context: CurrentContext, type_id: UUID) -> Response:
    """Delete a product type that no product has."""

    async def effect(tx: Transaction) -> StoredResponse:
        found = await service.find_product_type(tx, type_id)
        must_match(context, found.version)
        await service.delete_product_type(tx, found)
        return json_response(None, status=204)

    return await context.write(effect)
