"""Response bodies of imports."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from luxewin.kit.http.fields import View
from luxewin.modules.catalog_import.domain.imports import (
    Import,
    ImportFormat,
    ImportStatus,
    OnError,
    Outcome,
    Phase,
    ProductChange,
    StockEffect,
    StockPolicy,
)
from luxewin.modules.catalog_import.domain.shopify_csv import RowError

_IMPORT: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-000000000031",
    "status": "completed_with_errors",
    "format": "shopify_csv",
    "file_name": "products.csv",
    "dry_run": False,
    "stock": "keep",
    "on_error": "skip",
    "progress": {"phase": "writing", "done": 120, "total": 120, "percent": 100},
    "counts": {"created": 100, "changed": 12, "unchanged": 7, "errors": 1},
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
    "message": "'1,299' can be read in more than one way; write 1299.00, with a point and no other separator",
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
    """The progress of an import: `done` of `total` entries of its phase; the total is known after the first phase.

    First the file is checked (`checking`), then its products are written (`writing`). An undo, and an import that
    cannot be finished, is `taking_back`.
    """

    phase: Phase
    done: int
    total: int | None
    percent: int


class CountsView(View):
    """The number of products by outcome; a product that was left out has at least one error."""

    created: int
    changed: int
    unchanged: int
    errors: int


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
