"""Bringing product files in, and taking them out, over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response, StreamingResponse

from luxewin.kit.access import staff
from luxewin.kit.http.call import CurrentCall, answer, response
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredAnswer
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import ImportFormat, ImportUnknown, StockPolicy
from luxewin.workflows.import_catalog.errors import FileEmpty
from luxewin.workflows.import_catalog.schemas import ImportView, RowErrorView
from luxewin.workflows.import_catalog.story import export_products

router = Router("imports")
READ_IMPORTS = staff("catalog.imports.read")
WRITE_IMPORTS = staff("catalog.imports.write")
READ_EXPORTS = staff("catalog.exports.read")
_LONGEST_FILE_NAME = 200
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}
}


class ImportForm(BaseModel):
    """A product file, and what shall be done with it."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile
    format: ImportFormat = ImportFormat.SHOPIFY_CSV
    dry_run: bool = False
    stock: StockPolicy = StockPolicy.KEEP


@router.operation("GET", "/imports", permission=READ_IMPORTS, answers=Page[ImportView])
async def list_imports(
    call: CurrentCall,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List imports, the newest first."""
    cursors = call.service(Cursors)
    place = cursors.read(cursor, tenant_id=call.tenant.id, listing="imports") if cursor else None
    before = (datetime.fromisoformat(place[0]), UUID(place[1])) if place else None
    found = await call.read(lambda tx: catalog.list_imports(tx, before=before, limit=limit + 1))
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = cursors.sign([last.created_at, last.id], tenant_id=call.tenant.id, listing="imports")
    views = [ImportView.of(each) for each in found[:limit]]
    return response(answer(Page[ImportView](data=views, next_cursor=following)))


@router.operation("POST", "/imports", permission=WRITE_IMPORTS, answers=ImportView, status=202, refuses=(FileEmpty,))
async def import_products(call: CurrentCall, form: Annotated[ImportForm, Form()]) -> Response:
    """Bring a product file in.

    The answer comes at once; the work is done in the background, and `GET /imports/{id}` tells how far it is. Products
    are recognised by their handle, variants by their options. What is in the catalogue already is changed where the
    file says something else, and left alone where it does not. Quantities count for new variants; with
    `stock=overwrite` they replace what was counted of others too. With `dry_run` nothing is changed.
    """
    content = await form.file.read()
    if not content:
        raise FileEmpty(pointer="/file")
    name = _printable(form.file.filename or "products.csv")

    async def effect(tx: Transaction) -> StoredAnswer:
        queued = await catalog.queue_import(tx, content=content, file_name=name, dry_run=form.dry_run, stock=form.stock)
        return answer(ImportView.of(queued), status=202, Location=f"/api/v1/imports/{queued.id}")

    return await call.write(effect)


@router.operation("GET", "/imports/{import_id}", permission=READ_IMPORTS, answers=ImportView, refuses=(ImportUnknown,))
async def read_import(call: CurrentCall, import_id: UUID) -> Response:
    """Tell how far an import is, and what has become of the products so far."""
    found = await call.read(lambda tx: catalog.find_import(tx, import_id))
    return response(answer(ImportView.of(found)))


@router.operation(
    "GET",
    "/imports/{import_id}/errors",
    permission=READ_IMPORTS,
    answers=Page[RowErrorView],
    refuses=(ImportUnknown,),
)
async def list_import_errors(
    call: CurrentCall,
    import_id: UUID,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List why products of the file were left out, each with its line and column.

    The first 10,000 are kept; the import counts them all.
    """
    cursors = call.service(Cursors)
    listing = f"imports/{import_id}/errors"
    after = int(cursors.read(cursor, tenant_id=call.tenant.id, listing=listing)[0]) if cursor else 0
    found = await call.read(lambda tx: catalog.list_errors(tx, import_id, after=after, limit=limit + 1))
    following = None
    if len(found) > limit:
        following = cursors.sign([found[limit - 1].number], tenant_id=call.tenant.id, listing=listing)
    views = [RowErrorView.of(stored.error) for stored in found[:limit]]
    return response(answer(Page[RowErrorView](data=views, next_cursor=following)))


@router.operation("GET", "/exports/products.csv", permission=READ_EXPORTS, also=_CSV)
async def export_catalogue(call: CurrentCall) -> Response:
    """Take all products out as a product file.

    Whatever their status. Columns that imported files had beyond the usual ones are there again, and bringing the file
    in again changes nothing. Cells that a spreadsheet might run are disarmed with an apostrophe.
    """
    lines = export_products(call.database, call.tenant, call.principal)
    headers = {"Content-Disposition": 'attachment; filename="products.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


def _printable(file_name: str) -> str:
    kept = "".join(character for character in file_name if character.isprintable())
    return kept[-_LONGEST_FILE_NAME:] or "products.csv"
