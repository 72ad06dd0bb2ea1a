"""Collections over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.errors import CatalogueMoved, CollectionInvalid, CollectionUnknown, SlugTaken
from luxewin.modules.catalog.routes.freshness import public_response
from luxewin.modules.catalog.routes.router import IdOrSlug, router
from luxewin.modules.catalog.schemas.collections import CollectionBody, CollectionPatch, CollectionView
from luxewin.modules.catalog.service import collections as service

CollectionId = Annotated[UUID, Path(alias="collection")]
"""The path parameter of a collection; it has the same name in paths that also accept a slug."""

READ_COLLECTIONS = everyone("catalog.collections.read")
WRITE_COLLECTIONS = staff("catalog.collections.write")
_ERRORS = (CollectionUnknown, CollectionInvalid, SlugTaken, PreconditionFailed, CatalogueMoved)


@router.operation(
    "GET", "/collections", permission=READ_COLLECTIONS, response_model=Page[CollectionView], errors=(InvalidCursor,)
)
async def list_collections(context: CurrentContext, paging: Paging) -> Response:
    """List collections, the newest first; only staff see products that are not for sale."""
    page = await paginate(
        context,
        paging,
        listing="collections",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.list_collections(tx, before=before, limit=limit),
        key=lambda collection: (collection.created_at, collection.id),
        view=CollectionView.of,
    )
    return public_response(context, page)


@router.operation(
    "POST",
    "/collections",
    permission=WRITE_COLLECTIONS,
    response_model=CollectionView,
    status=201,
    errors=(CollectionInvalid, SlugTaken, CatalogueMoved),
)
async def add_collection(context: CurrentContext, body: CollectionBody) -> Response:
    """Add a collection of products, which are listed in the order of the body."""

    async def effect(tx: Transaction) -> StoredResponse:
        body.must_agree(None)
        collection = await service.add_collection(tx, body)
        return json_response(CollectionView.of(collection), status=201, ETag=f'"{collection.version}"')

    return await context.write(effect)


@router.operation(
    "GET",
    "/collections/{collection}",
    permission=READ_COLLECTIONS,
    response_model=CollectionView,
    errors=(CollectionUnknown,),
)
async def read_collection(context: CurrentContext, collection: IdOrSlug) -> Response:
    """Read a collection by its id or slug; only staff see products that are not for sale."""
    found = await context.transaction(lambda tx: service.read_collection(tx, collection))
    return public_response(context, CollectionView.of(found), version=found.version)


@router.operation(
    "PUT", "/collections/{collection}", permission=WRITE_COLLECTIONS, response_model=CollectionView, errors=_ERRORS
)
async def replace_collection(context: CurrentContext, collection_id: CollectionId, body: CollectionBody) -> Response:
    """Replace a collection by the body; the slug stays unchanged if omitted."""
    return await _change(context, collection_id, body, replaces=True)


@router.operation(
    "PATCH", "/collections/{collection}", permission=WRITE_COLLECTIONS, response_model=CollectionView, errors=_ERRORS
)
async def change_collection(context: CurrentContext, collection_id: CollectionId, body: CollectionPatch) -> Response:
    """Change the fields of a collection that are in the body."""
    return await _change(context, collection_id, body, replaces=False)


@router.operation(
    "DELETE",
    "/collections/{collection}",
    permission=WRITE_COLLECTIONS,
    status=204,
    errors=(CollectionUnknown, PreconditionFailed, CatalogueMoved),
)
async def delete_collection(context: CurrentContext, collection_id: CollectionId) -> Response:
    """Delete a collection, but not its products."""

    async def effect(tx: Transaction) -> StoredResponse:
        collection = await service.find_collection(tx, collection_id)
        must_match(context, collection.version)
        await service.delete_collection(tx, collection)
        return json_response(None, status=204)

    return await context.write(effect)


async def _change(
    context: RequestContext, collection_id: UUID, body: CollectionBody | CollectionPatch, *, replaces: bool
) -> Response:
    async def effect(tx: Transaction) -> StoredResponse:
        before = await service.find_collection(tx, collection_id)
        must_match(context, before.version)
        if isinstance(body, CollectionBody):
            body.must_agree(CollectionView.of(before))
        after = await service.change_collection(tx, before, service.changes_of(body, replaces=replaces))
        return json_response(CollectionView.of(after), ETag=f'"{after.version}"')

    return await context.write(effect)
