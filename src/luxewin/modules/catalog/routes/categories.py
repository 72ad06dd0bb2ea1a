"""Categories over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from luxewin.kit.access import everyone, staff
from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response
from luxewin.kit.http.fields import must_match
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.categories import Category
from luxewin.modules.catalog.errors import (
    CatalogueMoved,
    CategoryInUse,
    CategoryInvalid,
    CategoryUnknown,
    NameTaken,
    SlugTaken,
)
from luxewin.modules.catalog.routes.freshness import public_response
from luxewin.modules.catalog.routes.router import IdOrSlug, router
from luxewin.modules.catalog.schemas.categories import CategoriesView, CategoryBody, CategoryPatch, CategoryView
from luxewin.modules.catalog.service import categories as service

CategoryId = Annotated[UUID, Path(alias="category")]
"""The path parameter of a category; it has the same name in paths that also accept a slug."""

READ_CATEGORIES = everyone("catalog.categories.read")
WRITE_CATEGORIES = staff("catalog.categories.write")
_ERRORS = (CategoryUnknown, CategoryInvalid, NameTaken, SlugTaken, PreconditionFailed, CatalogueMoved)


@router.operation("GET", "/categories", permission=READ_CATEGORIES, response_model=CategoriesView)
async def list_categories(context: CurrentContext) -> Response:
    """List all categories, parents before their children."""
    categories = await context.transaction(service.list_categories)
    return public_response(context, CategoriesView(data=[CategoryView.of(category) for category in categories]))


@router.operation(
    "POST",
    "/categories",
    permission=WRITE_CATEGORIES,
    response_model=CategoryView,
    status=201,
    errors=(CategoryInvalid, NameTaken, SlugTaken, CatalogueMoved),
)
async def add_category(context: CurrentContext, body: CategoryBody) -> Response:
    """Add a category, at the root or below another one."""

    async def effect(tx: Transaction) -> StoredResponse:
        body.must_agree(None)
        category = await service.add_category(tx, body)
        return json_response(CategoryView.of(category), status=201, ETag=f'"{category.version}"')

    return await context.write(effect)


@router.operation(
    "GET", "/categories/{category}", permission=READ_CATEGORIES, response_model=CategoryView, errors=(CategoryUnknown,)
)
async def read_category(context: CurrentContext, category: IdOrSlug) -> Response:
    """Read a category by its id or slug."""
    found = await context.transaction(lambda tx: service.find_category(tx, category))
    return public_response(context, CategoryView.of(found), version=found.version)


@router.operation(
    "PUT", "/categories/{category}", permission=WRITE_CATEGORIES, response_model=CategoryView, errors=_ERRORS
)
async def replace_category(context: CurrentContext, category_id: CategoryId, body: CategoryBody) -> Response:
    """Replace a category by the body.

    Its descendants move along. The slug stays unchanged if omitted.
    """
    return await _change(context, category_id, body, replaces=True)


@router.operation(
    "PATCH", "/categories/{category}", permission=WRITE_CATEGORIES, response_model=CategoryView, errors=_ERRORS
)
async def change_category(context: CurrentContext, category_id: CategoryId, body: CategoryPatch) -> Response:
    """Change the fields of a category that are in the body. Its descendants move along."""
    return await _change(context, category_id, body, replaces=False)


@router.operation(
    "DELETE",
    "/categories/{category}",
    permission=WRITE_CATEGORIES,
    status=204,
    errors=(CategoryUnknown, CategoryInUse, PreconditionFailed, CatalogueMoved),
)
async def delete_category(context: CurrentContext, category_id: CategoryId) -> Response:
    """Delete a category that holds neither products nor other categories."""

    async def effect(tx: Transaction) -> StoredResponse:
        await service.delete_category(tx, category_id, confirm=lambda before: must_match(context, before.version))
        return json_response(None, status=204)

    return await context.write(effect)


async def _change(
    context: RequestContext, category_id: UUID, body: CategoryBody | CategoryPatch, *, replaces: bool
) -> Response:
    def confirm(before: Category) -> None:
        must_match(context, before.version)
        if isinstance(body, CategoryBody):
            body.must_agree(CategoryView.of(before))

    async def effect(tx: Transaction) -> StoredResponse:
        changes = service.changes_of(body, replaces=replaces)
        category = await service.change_category(tx, category_id, changes, confirm=confirm)
        return json_response(CategoryView.of(category), ETag=f'"{category.version}"')

    return await context.write(effect)
