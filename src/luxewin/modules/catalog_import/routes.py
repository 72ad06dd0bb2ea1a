"""Imports of product files over HTTP."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, UploadFile
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Json, StringConstraints
from starlette.responses import Response

from luxewin.kit.access import staff
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page, keyset
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public.values import is_image_address
from luxewin.modules.catalog_import.domain.csv_files import Decimal, Delimiter, Encoding, ReadingOptions, WeightUnit
from luxewin.modules.catalog_import.domain.imports import (
    DuplicateSku,
    ImportFormat,
    OnError,
    Outcome,
    ProductChange,
    StockPolicy,
    VariantPolicy,
)
from luxewin.modules.catalog_import.errors import FileEmpty, ImportNotUndoable, ImportUnknown
from luxewin.modules.catalog_import.schemas import ChangeView, ImportView, RowErrorView, RowNoteView
from luxewin.modules.catalog_import.service import track_imports as service
from luxewin.modules.catalog_import.service.track_imports import ImportOptions
from luxewin.modules.catalog_import.service.undo_imports import queue_undo

router = Router("imports", invalidates_cache=True)
READ_IMPORTS = staff("catalog.imports.read")
WRITE_IMPORTS = staff("catalog.imports.write")
_LONGEST_FILE_NAME = 200
MOST_MAPPED = 2_000
_BY_NUMBER = keyset(int)


def _require_printable(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be the name of a column, without control characters; write a space for a line break")
    return name


def _require_web_address(text: str) -> str:
    if not is_image_address(text) or text.startswith("/"):
        raise ValueError("must be an http or https address without credentials, such as https://shop.example/media/")
    return text


ColumnName = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(_require_printable)]
ImageBase = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(_require_web_address)]


class ImportForm(BaseModel):
    """A product file, and the options of its import."""

    model_config = ConfigDict(extra="forbid")

    file: UploadFile
    format: ImportFormat | None = Field(None, description="By default the format of the file's name")
    dry_run: bool = False
    stock: StockPolicy = StockPolicy.KEEP
    on_error: OnError = OnError.ABORT
    variants: VariantPolicy = VariantPolicy.KEEP
    on_duplicate_sku: DuplicateSku = DuplicateSku.CLEAR
    mapping: Annotated[
        Json[Annotated[dict[ColumnName, ColumnName | None], Field(max_length=MOST_MAPPED)]] | None,
        Field(description="A JSON object: column of the file to the field that it holds, null to ignore it"),
    ] = None
    delimiter: Delimiter | None = None
    encoding: Encoding | None = None
    decimal: Decimal | None = None
    image_base: Annotated[
        ImageBase | None,
        Field(description="The address in front of images that have only a path or a name"),
    ] = None
    weight_unit: WeightUnit | None = Field(None, description="The unit of weights that have none in the file")

    @property
    def options(self) -> ImportOptions:
        """The options of the import."""
        return ImportOptions(
            format=self.format or ImportFormat.of_file(self.file.filename or ""),
            dry_run=self.dry_run,
            stock=self.stock,
            on_error=self.on_error,
            variants=self.variants,
            on_duplicate_sku=self.on_duplicate_sku,
            reading=ReadingOptions(
                mapping=self.mapping or {},
                delimiter=self.delimiter.character if self.delimiter else None,
                encoding=self.encoding,
                decimal=self.decimal.character if self.decimal else None,
                image_base=self.image_base,
                weight_unit=self.weight_unit,
            ),
        )


@router.operation("GET", "/imports", permission=READ_IMPORTS, response_model=Page[ImportView], errors=(InvalidCursor,))
async def list_imports(
    context: CurrentContext,
    paging: Paging,
) -> Response:
    """List imports, the newest first."""
    page = await paginate(
        context,
        paging,
        listing="imports",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.list_imports(tx, before=before, limit=limit),
        key=lambda found: (found.created_at, found.id),
        view=ImportView.of,
    )
    return response(json_response(page))


@router.operation(
    "POST",
    "/imports",
    permission=WRITE_IMPORTS,
    priority=Priority.LISTS,
    accepts_upload=True,
    response_model=ImportView,
    status=202,
    errors=(FileEmpty,),
)
async def import_products(context: CurrentContext, form: Annotated[ImportForm, Form()]) -> Response:
    """Import a product file.

    The response is immediate; the import runs in the background, and `GET /imports/{id}` returns its progress. Products
    are identified by their handle, variants by their options. An existing product is changed if the file differs, and
    not written if it does not. Quantities apply to new variants; with `stock=overwrite` they also overwrite the stock
    of existing variants.

    The platform that wrote the file, its encoding, separator and decimal character are detected, and `reading` tells
    what was found; `mapping`, `delimiter`, `encoding` and `decimal` overrule it. `image_base` completes the
    addresses of images, and `weight_unit` is the unit of weights without one. Variants that the file does not have
    stay; with `variants=replace` they are deleted. What was read in another way than it is written is listed by
    `GET /imports/{id}/notes`.

    If the file has an error, nothing is imported; with `on_error=skip` only the products with errors are left out.
    With `dry_run` nothing is changed, and `GET /imports/{id}/changes` returns what would change.
    """
    if not form.file.size:
        raise FileEmpty(pointer="/file")
    name = _printable(form.file.filename or f"products.{form.options.format}")

    async def effect(tx: Transaction) -> StoredResponse:
        await form.file.seek(0)  # a retry of the transaction reads the file from the beginning
        queued = await service.queue_import(tx, _chunks(form.file), file_name=name, options=form.options)
        return json_response(ImportView.of(queued), status=202, Location=f"/api/v1/imports/{queued.id}")

    return await context.write(effect)


@router.operation(
    "GET", "/imports/{import_id}", permission=READ_IMPORTS, response_model=ImportView, errors=(ImportUnknown,)
)
async def read_import(context: CurrentContext, import_id: UUID) -> Response:
    """Read the progress of an import, and the number of products by outcome so far."""
    found = await context.transaction(lambda tx: service.find_import(tx, import_id))
    return response(json_response(ImportView.of(found)))


@router.operation(
    "GET",
    "/imports/{import_id}/errors",
    permission=READ_IMPORTS,
    response_model=Page[RowErrorView],
    errors=(ImportUnknown, InvalidCursor),
)
async def list_import_errors(
    context: CurrentContext,
    import_id: UUID,
    paging: Paging,
) -> Response:
    """List the errors for which products of the file were left out, with line and column.

    The first 10,000 are stored; the import counts them all.
    """
    page = await paginate(
        context,
        paging,
        listing=f"imports/{import_id}/errors",
        keyset=_BY_NUMBER,
        fetch=lambda tx, after, limit: service.list_errors(tx, import_id, after=after or 0, limit=limit),
        key=lambda stored: stored.number,
        view=lambda stored: RowErrorView.of(stored.error),
    )
    return response(json_response(page))


@router.operation(
    "GET",
    "/imports/{import_id}/notes",
    permission=READ_IMPORTS,
    response_model=Page[RowNoteView],
    errors=(ImportUnknown, InvalidCursor),
)
async def list_import_notes(
    context: CurrentContext,
    import_id: UUID,
    paging: Paging,
) -> Response:
    """List what was detected, changed or left out, with line and column; notes are no errors.

    The first 10,000 are stored; the import counts them all.
    """
    page = await paginate(
        context,
        paging,
        listing=f"imports/{import_id}/notes",
        keyset=_BY_NUMBER,
        fetch=lambda tx, after, limit: service.list_notes(tx, import_id, after=after or 0, limit=limit),
        key=lambda stored: stored.number,
        view=lambda stored: RowNoteView.of(stored.note),
    )
    return response(json_response(page))


@router.operation(
    "GET",
    "/imports/{import_id}/changes",
    permission=READ_IMPORTS,
    response_model=Page[ChangeView],
    errors=(ImportUnknown, InvalidCursor),
)
async def list_import_changes(
    context: CurrentContext,
    import_id: UUID,
    paging: Paging,
    outcome: Annotated[Outcome | None, Query(description="Only products with this outcome")] = None,
) -> Response:
    """List the changes of an import, field by field, in the file's order.

    A dry run lists all products, unchanged ones included. A finished import lists the products that it created or
    changed, for thirty days.
    """

    async def fetch(tx: Transaction, after: int | None, limit: int) -> Sequence[ProductChange]:
        return await service.list_changes(tx, import_id, outcome=outcome, after=after or 0, limit=limit)

    page = await paginate(
        context,
        paging,
        listing=f"imports/{import_id}/changes/{outcome}",
        keyset=_BY_NUMBER,
        fetch=fetch,
        key=lambda change: change.number,
        view=ChangeView.of,
    )
    return response(json_response(page))


@router.operation(
    "POST",
    "/imports/{import_id}/undo",
    permission=WRITE_IMPORTS,
    priority=Priority.LISTS,
    response_model=ImportView,
    status=202,
    errors=(ImportUnknown, ImportNotUndoable),
)
async def undo_import(context: CurrentContext, import_id: UUID) -> Response:
    """Undo the last import: products that it created are deleted, products that it changed are restored.

    The response is a new import, whose progress `GET /imports/{id}` returns. It fails if later changes would be lost: a
    product was changed, deleted or put into a collection since, or too much of the stock that the import added was
    sold. Sales are not undone. Categories and vendors that the import created stay.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        undo = await queue_undo(tx, import_id)
        return json_response(ImportView.of(undo), status=202, Location=f"/api/v1/imports/{undo.id}")

    return await context.write(effect)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(service.CHUNK_BYTES):
        yield chunk


def _printable(file_name: str) -> str:
    printable = "".join(character for character in file_name if character.isprintable())
    return printable[-_LONGEST_FILE_NAME:] or "products.csv"
