"""Response bodies of imports."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from luxewin.kit.http.fields import View
from luxewin.modules.catalog_import.domain.csv_files import Contents
from luxewin.modules.catalog_import.domain.imports import (
    DuplicateSku,
    Import,
    ImportFormat,
    ImportStatus,
    OnError,
    Outcome,
    Phase,
    ProductChange,
    Reading,
    StockEffect,
    StockPolicy,
    VariantPolicy,
)
from luxewin.modules.catalog_import.domain.presets import Platform
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote

_IMPORT: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-000000000031",
    "status": "completed_with_errors",
    "format": "shopify_csv",
    "file_name": "products.csv",
    "dry_run": False,
    "stock": "keep",
    "on_error": "skip",
    "variants": "keep",
    "on_duplicate_sku": "clear",
    "reading": {
        "platform": "shopify",
        "contents": "products",
        "encoding": "UTF-8",
        "delimiter": ",",
        "decimal": ".",
        "columns": [{"name": "Handle", "field": "Handle"}, {"name": "Our Own", "field": None}],
        "sample": [["tide-mug", "blue"]],
    },
    "progress": {"phase": "writing", "done": 120, "total": 120, "percent": 100},
    "counts": {"created": 100, "changed": 12, "unchanged": 7, "errors": 1, "notes": 0},
    "note": None,
    "failure": None,
    "undoes": None,
    "undone_by": None,
    "created_at": "2026-11-20T12:00:00Z",
    "started_at": "2026-11-20T12:00:00Z",
    "finished_at": "2026-11-20T12:00:03Z",
}
_ERROR: dict[str, Any] = {
    "line": 42,
    "column": "Variant Price",
    "code": "amount_ambiguous",
    "message": "'1,299' can be read in more than one way; write 1299.00, without a separator of thousands",
}
_NOTE: dict[str, Any] = {
    "line": 7,
    "column": "Variant SKU",
    "code": "sku_repeated",
    "message": "The SKU 'MUG' is used on line 2 already; this variant was imported without a SKU",
}
_CHANGE: dict[str, Any] = {
    "line": 2,
    "slug": "tide-mug",
    "name": "Tide Mug",
    "outcome": "changed",
    "fields": [
        {
            "field": "variant[Sand].price",
            "from": {"amount": 1800, "currency": "USD"},
            "to": {"amount": 1950, "currency": "USD"},
            "effect": None,
        },
        {"field": "variant[Sand].stock", "from": 12, "to": 12, "effect": "kept"},
    ],
}


class ProgressView(View):
    """The progress of an import: `done` of `total` products, errors and notes; the total is known after the check.

    First the file is checked (`checking`), then its products are written (`writing`). An undo, and an import that
    cannot be finished, is `taking_back`.
    """

    phase: Phase
    done: int
    total: int | None
    percent: int


class CountsView(View):
    """The number of products by outcome, of errors and of notes; a product with an error was left out."""

    created: int
    changed: int
    unchanged: int
    errors: int
    notes: int


class ColumnView(View):
    """A column of the file, and the field that it holds; null if it is stored as it is, or not imported.

    If the file could not be read, the fields are proposals for `mapping`.
    """

    name: str
    field: str | None


class ReadingView(View):
    """How the file is read, whether detected or named in the request.

    `contents` is `updates` for a file that only changes existing variants, such as a price list. `sample` holds the
    first rows.
    """

    platform: Platform | None
    contents: Contents
    encoding: str
    delimiter: str | None
    decimal: str
    columns: list[ColumnView]
    sample: list[list[str]]

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Return the response model of a reading."""
        pairs = zip(reading.header, reading.fields, strict=True)
        return cls(
            platform=Platform(reading.platform) if reading.platform else None,
            contents=Contents(reading.contents),
            encoding=reading.encoding,
            delimiter=reading.delimiter,
            decimal=reading.decimal,
            columns=[ColumnView(name=name, field=field) for name, field in pairs],
            sample=[list(row) for row in reading.sample],
        )


class FailureView(View):
    """The reason why a file was not imported, or not completely."""

    code: str
    reason: str | None
    line: int | None
    message: str


class ImportView(View):
    """An import; with `dry_run` it lists what would change, and changes nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IMPORT]})

    id: UUID
    status: ImportStatus
    format: ImportFormat
    file_name: str
    dry_run: bool
    stock: StockPolicy
    on_error: OnError
    variants: VariantPolicy
    on_duplicate_sku: DuplicateSku
    reading: ReadingView | None
    progress: ProgressView
    counts: CountsView
    note: str | None
    failure: FailureView | None
    undoes: UUID | None
    undone_by: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, found: Import) -> Self:
        """Return the response model of an import."""
        return cls(
            id=found.id,
            status=found.status,
            format=found.format,
            file_name=found.file_name,
            dry_run=found.dry_run,
            stock=found.stock,
            on_error=found.on_error,
            variants=found.variants,
            on_duplicate_sku=found.on_duplicate_sku,
            reading=ReadingView.of(found.reading) if found.reading else None,
            progress=ProgressView(phase=found.phase, done=found.done, total=found.total, percent=found.percent),
            counts=CountsView.model_validate(found.counts),
            note=found.note,
            failure=FailureView.model_validate(found.failure) if found.failure else None,
            undoes=found.undoes,
            undone_by=found.undone_by,
            created_at=found.created_at,
            started_at=found.started_at,
            finished_at=found.finished_at,
        )


class RowErrorView(View):
    """An error for which a product of the file was left out; `line` is the physical line on which the row begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERROR]})

    line: int
    column: str | None
    code: str
    message: str

    @classmethod
    def of(cls, error: RowError) -> Self:
        """Return the response model of a row error."""
        return cls.model_validate(error)


class RowNoteView(View):
    """What was read in another way than it is written, or left out; a note with line 1 may be about the whole file."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NOTE]})

    line: int
    column: str | None
    code: str
    message: str

    @classmethod
    def of(cls, note: RowNote) -> Self:
        """Return the response model of a note."""
        return cls.model_validate(note)


class FieldChangeView(View):
    """The value of a field before and after the change; long texts are truncated.

    `effect` tells what happens to the stock of a variant: it is kept, set, not tracked, or removed with the variant. A
    dry run lists the stock of every variant.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    field: str
    before: Any = Field(serialization_alias="from")
    after: Any = Field(serialization_alias="to")
    effect: StockEffect | None = None


class ChangeView(View):
    """The outcome for a product of the file; `line` is the first line of the product."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANGE]})

    line: int
    slug: str
    name: str
    outcome: Outcome
    fields: list[FieldChangeView]

    @classmethod
    def of(cls, change: ProductChange) -> Self:
        """Return the response model of a change."""
        return cls.model_validate(change)
