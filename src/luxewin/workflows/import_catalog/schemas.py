"""What an import looks like from outside."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict

from luxewin.kit.http.fields import View
from luxewin.modules.catalog.public import Import, ImportFormat, ImportStatus, RowError, StockPolicy

_IMPORT: dict[str, Any] = {
    "id": "0199a1b2-7c00-7000-8000-000000000031",
    "status": "completed_with_errors",
    "format": "shopify_csv",
    "file_name": "products.csv",
    "dry_run": False,
    "stock": "keep",
    "progress": {"done": 120, "total": 120},
    "counts": {"created": 100, "changed": 12, "unchanged": 7, "errors": 1},
    "note": None,
    "failure": None,
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


class ProgressView(View):
    """How many of a file's entries are done; how many there are is known once the file was read."""

    done: int
    total: int | None


class CountsView(View):
    """What became of the products; a product that was left out has one error or more."""

    created: int
    changed: int
    unchanged: int
    errors: int


class FailureView(View):
    """Why a file could not be brought in at all, or not to its end."""

    code: str
    reason: str | None
    line: int | None
    message: str


class ImportView(View):
    """An import; with `dry_run` it tells what would become of the products, and changes nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IMPORT]})

    id: UUID
    status: ImportStatus
    format: ImportFormat
    file_name: str
    dry_run: bool
    stock: StockPolicy
    progress: ProgressView
    counts: CountsView
    note: str | None
    failure: FailureView | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, found: Import) -> Self:
        """Shape an import for an answer."""
        return cls(
            id=found.id,
            status=found.status,
            format=found.format,
            file_name=found.file_name,
            dry_run=found.dry_run,
            stock=found.stock,
            progress=ProgressView(done=found.done, total=found.total),
            counts=CountsView.model_validate(found.counts),
            note=found.note,
            failure=FailureView(**found.failure) if found.failure else None,
            created_at=found.created_at,
            started_at=found.started_at,
            finished_at=found.finished_at,
        )


class RowErrorView(View):
    """Why a product of the file was left out; `line` is the physical line on which the row begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERROR]})

    line: int
    column: str | None
    code: str
    message: str

    @classmethod
    def of(cls, error: RowError) -> Self:
        """Shape a row error for an answer."""
        return cls.model_validate(error)
