"""Bringing product files in, and taking them out, over HTTP."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response, StreamingResponse

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import (
    Handling,
    ImportFormat,
    ImportNotUndoable,
    ImportUnknown,
    OnError,
    Outcome,
    StockPolicy,
)
from luxewin.workflows.import_catalog.errors import FileEmpty
from luxewin.workflows.import_catalog.exporting import export_products
from luxewin.workflows.import_catalog.schemas import ChangeView, ImportView, RowErrorView

router = Router("imports", invalidates_cache=True)
READ_IMPORTS = staff("catalog.imports.read")
WRITE_IMPORTS = staff("catalog.imports.write")
READ_EXPORTS = staff("catalog.exports.read")
_LONGEST_FILE_NAME = 200
_FILE = {"schema": {"type": "string", "format": "binary"}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"description": "The file", "content": {"text/csv": _FILE}}}
_JSONL: dict[int | str, dict[str, Any]] = {200: {"description": "The file", "content": {"application/jsonl": _FILE}}}


class ImportForm(BaseModel):
    """A product file, and what shall be done with it."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile
    format: ImportFormat = ImportFormat.SHOPIFY_CSV
    dry_run: bool = False
    stock: StockPolicy = StockPolicy.KEEP
    on_error: OnError = OnError.ABORT

    @property
    def handling(self) -> Handling:
        """What shall be done with the file."""
        return Handling(format=self.format, dry_run=self.dry_run, stock=self.stock, on_error=self.on_error)


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
    found = await context.read(lambda tx: catalog.list_imports(tx, before=before, limit=limit + 1))
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
    """Bring a product file in.

    The answer comes at once; the work is done in the background, and `GET /imports/{id}` tells how far it is. Products
    are recognised by their handle, variants by their options. What is in the catalogue already is changed where the
    file says something else, and left alone where it does not. Quantities count for new variants; with
    `stock=overwrite` they replace what was counted of others too.

    One fault, and nothing of the file comes in; with `on_error=skip` what is sound does. With `dry_run` nothing is
    changed, and `GET /imports/{id}/changes` tells what would be.
    """
    if not form.file.size:
        raise FileEmpty(pointer="/file")
    name = _printable(form.file.filename or f"products.{form.format}")

    async def effect(tx: Transaction) -> StoredResponse:
        await form.file.seek(0)  # a second try begins again
        queued = await catalog.queue_import(tx, _pieces(form.file), file_name=name, handling=form.handling)
        return json_response(ImportView.of(queued), status=202, Location=f"/api/v1/imports/{queued.id}")

    return await context.write(effect)


@router.operation("GET", "/imports/{import_id}", permission=READ_IMPORTS, answers=ImportView, refuses=(ImportUnknown,))
async def read_import(context: CurrentContext, import_id: UUID) -> Response:
    """Tell how far an import is, and what has become of the products so far."""
    found = await context.read(lambda tx: catalog.find_import(tx, import_id))
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

    The first 10,000 are kept; the import counts them all.
    """
    cursors = context.service(Cursors)
    listing = f"imports/{import_id}/errors"
    after = int(cursors.read(cursor, tenant_id=context.tenant.id, listing=listing)[0]) if cursor else 0
    found = await context.read(lambda tx: catalog.list_errors(tx, import_id, after=after, limit=limit + 1))
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
    outcome: Annotated[Outcome | None, Query(description="Only what is to be, or was, dealt with like this")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List what becomes of the products of the file, field by field, in the file's order.

    Of a dry run all products are told, what stays as it is included. Of an import that has written, those that it
    created or changed, for thirty days.
    """
    cursors = context.service(Cursors)
    listing = f"imports/{import_id}/changes/{outcome}"
    after = int(cursors.read(cursor, tenant_id=context.tenant.id, listing=listing)[0]) if cursor else 0
    found = await context.read(
        lambda tx: catalog.list_changes(tx, import_id, outcome=outcome, after=after, limit=limit + 1)
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
    """Take the last import back: what it created goes, what it changed is again what it was.

    The answer is an import of its own, whose progress `GET /imports/{id}` tells. It is refused where something would be
    lost: a product was changed, deleted or put into a collection since, or more of what the import added to the stock
    was sold than is left. What was sold stays sold. Categories and vendors that the import made stay.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        undo = await catalog.queue_undo(tx, import_id)
        return json_response(ImportView.of(undo), status=202, Location=f"/api/v1/imports/{undo.id}")

    return await context.write(effect)


@router.operation("GET", "/exports/products.csv", permission=READ_EXPORTS, sends_file=True, also=_CSV)
async def export_catalogue(context: CurrentContext) -> Response:
    """Take all products out as a product file.

    Whatever their status. Columns that imported files had beyond the usual ones are there again, and bringing the file
    in again changes nothing. Cells that a spreadsheet might run are disarmed with an apostrophe.
    """
    lines = export_products(context.database, context.tenant, context.principal)
    headers = {"Content-Disposition": 'attachment; filename="products.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


@router.operation("GET", "/exports/products.jsonl", permission=READ_EXPORTS, sends_file=True, also=_JSONL)
async def export_catalogue_as_lines(context: CurrentContext) -> Response:
    """Take all products out as lines of JSON, one product a line.

    Whatever their status. Bringing the file in again, with `format=jsonl`, changes nothing.
    """
    lines = export_products(context.database, context.tenant, context.principal, ImportFormat.JSONL)
    headers = {"Content-Disposition": 'attachment; filename="products.jsonl"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, headers=headers, media_type="application/jsonl")


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(catalog.PIECE_BYTES):
        yield piece


def _printable(file_name: str) -> str:
    kept = "".join(character for character in file_name if character.isprintable())
    return kept[-_LONGEST_FILE_NAME:] or "products.csv"
