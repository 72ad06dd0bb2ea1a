"""The export of all products over HTTP, as a stream."""

from typing import Any

from starlette.responses import Response, StreamingResponse

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext
from luxewin.kit.http.routing import Router
from luxewin.modules.catalog_import.public import ImportFormat
from luxewin.workflows.export_catalog.workflow import export_products

router = Router("imports")
READ_EXPORTS = staff("catalog.exports.read")
_FILE = {"schema": {"type": "string", "format": "binary"}}
_CSV: dict[int | str, dict[str, Any]] = {200: {"description": "The file", "content": {"text/csv": _FILE}}}
_JSONL: dict[int | str, dict[str, Any]] = {200: {"description": "The file", "content": {"application/jsonl": _FILE}}}


@router.operation("GET", "/exports/products.csv", permission=READ_EXPORTS, sends_file=True, extra_responses=_CSV)
async def export_catalogue(context: CurrentContext) -> Response:
    """Export all products as a CSV file, whatever their status.

    Columns that imported files had beyond the known ones are included, and importing the file again changes nothing.
    Cells that a spreadsheet would run as formulas begin with an apostrophe.
    """
    lines = export_products(context.database, context.tenant, context.principal)
    headers = {"Content-Disposition": 'attachment; filename="products.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


@router.operation("GET", "/exports/products.jsonl", permission=READ_EXPORTS, sends_file=True, extra_responses=_JSONL)
async def export_catalogue_as_lines(context: CurrentContext) -> Response:
    """Export all products as lines of JSON, one product a line, whatever their status.

    Importing the file again, with `format=jsonl`, changes nothing.
    """
    lines = export_products(context.database, context.tenant, context.principal, ImportFormat.JSONL)
    headers = {"Content-Disposition": 'attachment; filename="products.jsonl"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, headers=headers, media_type="application/jsonl")
