"""Imports of product files over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog_import.domain.imports import ImportFormat, OnError, Outcome, StockPolicy
from luxewin.modules.catalog_import.errors import FileEmpty, ImportNotUndoable, ImportUnknown
from luxewin.modules.catalog_import.schemas import ChangeView, ImportView, RowErrorView
from luxewin.modules.catalog_import.service import track_imports as service
from luxewin.modules.catalog_import.service.track_imports import ImportOptions
from luxewin.modules.catalog_import.service.undo_imports import queue_undo

router = Router("imports", invalidates_cache=True)
READ_IMPORTS = staff("catalog.imports.read")
WRITE_IMPORTS = staff("catalog.imports.write")
_LONGEST_FILE_NAME = 200


class ImportForm(BaseModel):
    """A product file, and the options of its import."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile
    format: ImportFormat = ImportFormat.SHOPIFY_CSV
    dry_run: bool = False
    stock: StockPolicy = StockPolicy.KEEP
    on_error: OnError = OnError.ABORT

    @property
    def options(self) -> ImportOptions:
        """The options of the import."""
        return ImportOptions(format=self.format, dry_run=self.dry_run, stock=self.stock, on_error=self.on_error)


@router.operation("GET", "/imports", permission=READ_IMPORTS, answers=Page[ImportView])
async def list_imports(
    context: CurrentContext,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List imports, the newest first."""
    cursors = context.service(Cursors)
    place = cursors.read(cursor, tenant_id=context.tenant.id, listing="imports") if cursor else None
    before = (datetime.fromisoformat(place[0]), UUID(place[1])) if place else None
    found = await context.read(lambda tx: service.list_imports(tx, before=before, limit=limit + 1))
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = cursors.sign([last.created_at, last.id], tenant_id=context.tenant.id, listing="imports")
    views = [ImportView.of(each) for each in found[:limit]]
    return response(json_response(Page[ImportView](data=views, next_cursor=following)))


@router.operation(
    "POST",
    "/imports",
    permission=WRITE_IMPORTS,
    priority=Priority.LISTS,
    accepts_upload=True,
    answers=ImportView,
    status=202,
    refuses=(FileEmpty,),
)
async def import_products(context: CurrentContext, form: Annotated[ImportForm, Form()]) -> Response:
    """Import a product file.

    The answer comes at once; the import runs in the background, and `GET /imports/{id}` returns its progress. Products
    are identified by their handle, variants by their options. A known product is changed where the file differs, and
    not written where it does not. Quantities apply to new variants; with `stock=overwrite` they overwrite the stock of
    known ones too.

    One error, and nothing of the file is imported; with `on_error=skip` only the products with errors are left out.
    With `dry_run` nothing is changed, and `GET /imports/{id}/changes` returns what would change.
    """
    if not form.file.size:
        raise FileEmpty(pointer="/file")
    name = _printable(form.file.filename or f"products.{form.format}")

    async def effect(tx: Transaction) -> StoredResponse:
        await form.file.seek(0)  # a retry begins again
        queued = await service.queue_import(tx, _chunks(form.file), file_name=name, options=form.options)
        return json_response(ImportView.of(queued), status=202, Location=f"/api/v1/imports/{queued.id}")

    return await context.write(effect)


@router.operation("GET", "/imports/{import_id}", permission=READ_IMPORTS, answers=ImportView, refuses=(ImportUnknown,))
async def read_import(context: CurrentContext, import_id: UUID) -> Response:
    """Read the progress of an import, and the number of products by outcome so far."""
    found = await context.read(lambda tx: service.find_import(tx, import_id))
    return response(json_response(ImportView.of(found)))


@router.operation(
    "GET",
    "/imports/{import_id}/errors",
    permission=READ_IMPORTS,
    answers=Page[RowErrorView],
    refuses=(ImportUnknown,),
)
async def list_import_errors(
    context: CurrentContext,
    import_id: UUID,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List why products of the file were left out, each with its line and column.

    The first 10,000 are stored; the import counts them all.
    """
    cursors = context.service(Cursors)
    listing = f"imports/{import_id}/errors"
    after = int(cursors.read(cursor, tenant_id=context.tenant.id, listing=listing)[0]) if cursor else 0
    found = await context.read(lambda tx: service.list_errors(tx, import_id, after=after, limit=limit + 1))
    following = None
    if len(found) > limit:
        following = cursors.sign([found[limit - 1].number], tenant_id=context.tenant.id, listing=listing)
    views = [RowErrorView.of(stored.error) for stored in found[:limit]]
    return response(json_response(Page[RowErrorView](data=views, next_cursor=following)))


@router.operation(
    "GET",
    "/imports/{import_id}/changes",
    permission=READ_IMPORTS,
    answers=Page[ChangeView],
    refuses=(ImportUnknown,),
)
async def list_import_changes(
    context: CurrentContext,
    import_id: UUID,
    outcome: Annotated[Outcome | None, Query(description="Only products with this outcome")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List the changes of an import, field by field, in the file's order.

    A dry run lists all products, unchanged ones included. An import that has written lists those that it created or
    changed, for thirty days.
    """
    cursors = context.service(Cursors)
    listing = f"imports/{import_id}/changes/{outcome}"
    after = int(cursors.read(cursor, tenant_id=context.tenant.id, listing=listing)[0]) if cursor else 0
    found = await context.read(
        lambda tx: service.list_changes(tx, import_id, outcome=outcome, after=after, limit=limit + 1)
    )
    following = None
    if len(found) > limit:
        following = cursors.sign([found[limit - 1].number], tenant_id=context.tenant.id, listing=listing)
    views = [ChangeView.of(change) for change in found[:limit]]
    return response(json_response(Page[ChangeView](data=views, next_cursor=following)))


@router.operation(
    "POST",
    "/imports/{import_id}/undo",
    permission=WRITE_IMPORTS,
    priority=Priority.LISTS,
    answers=ImportView,
    status=202,
    refuses=(ImportUnknown, ImportNotUndoable),
)
async def undo_import(context: CurrentContext, import_id: UUID) -> Response:
    """Undo the last import: products that it created are deleted, products that it changed are restored.

    The answer is an import of its own, whose progress `GET /imports/{id}` returns. It is refused if later changes would
    be lost: a product was changed, deleted or put into a collection since, or too much of the stock that the import
    added was sold. Sales stay as they are. Categories and vendors that the import created stay.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        undo = await queue_undo(tx, import_id)
        return json_response(ImportView.of(undo), status=202, Location=f"/api/v1/imports/{undo.id}")

    return await context.write(effect)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(service.CHUNK_BYTES):
        yield chunk


def _printable(file_name: str) -> str:
    kept = "".join(character for character in file_name if character.isprintable())
    return kept[-_LONGEST_FILE_NAME:] or "products.csv"
