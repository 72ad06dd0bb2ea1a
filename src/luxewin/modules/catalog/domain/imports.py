"""An import: a product file on its way into the catalogue, as far as it has come, and what becomes of its products."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.domain.products import Product
from luxewin.modules.catalog.domain.shopify_csv import ProductDraft, RowError

BATCH_PRODUCTS = 500
BATCH_VARIANTS = 2_500
MOST_ERRORS_KEPT = 10_000

Item = ProductDraft | RowError


class ImportFormat(StrEnum):
    """What the file is."""

    SHOPIFY_CSV = "shopify_csv"
    JSONL = "jsonl"


class OnError(StrEnum):
    """What a fault in the file means: that nothing of it comes in, or that its product stays out."""

    ABORT = "abort"
    SKIP = "skip"


class Phase(StrEnum):
    """What is being done: the file is looked through, its products are written, or what was written is taken back."""

    CHECKING = "checking"
    WRITING = "writing"
    TAKING_BACK = "taking_back"


class Outcome(StrEnum):
    """What becomes of a product of the file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class StockPolicy(StrEnum):
    """Whether the file's quantities count for new variants alone, or replace what is counted of others too."""

    KEEP = "keep"
    OVERWRITE = "overwrite"


class ImportStatus(StrEnum):
    """How far an import is."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the products of a file; of `errors` a product that was left out may have several."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            created=self.created + other.created,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            errors=self.errors + other.errors,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A product file on its way in.

    `done` and `total` count what the file yields, in this phase: products, and errors for what is none. `failure` says
    why nothing, or not all, came in. `undoes` is the import whose changes this one takes back, `undone_by` the one that
    takes back this one's. `version` is counted up by whoever works on it, so that a worker whose lease has passed to
    another one is told.
    """

    id: UUID
    format: ImportFormat
    file_name: str
    dry_run: bool
    stock: StockPolicy
    on_error: OnError
    status: ImportStatus
    phase: Phase
    percent: int
    done: int
    total: int | None
    counts: Counts
    note: str | None
    failure: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undoes: UUID | None
    undone_by: UUID | None
    version: int

    @property
    def only_checks(self) -> bool:
        """Whether the products are looked at in this phase and nothing is written."""
        return self.phase is Phase.CHECKING

    @property
    def written(self) -> int:
        """How many products it has changed."""
        return self.counts.created + self.counts.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """What a field said, and what it says now; long texts by their beginning."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChange:
    """What becomes of one product of the file; `number` counts within the import."""

    number: int
    line: int
    slug: str
    name: str
    outcome: Outcome
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenChange:
    """What is kept of a change: what is told of it, and what taking it back needs.

    `version` is the product's after the change, `moved` tells by variant by how much counted stock was moved. In a dry
    run nothing was written, and `product_id` is None.
    """

    told: ProductChange
    product_id: UUID | None
    version: int
    before: Product | None
    moved: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class StoredError:
    """A row error with its number within its import."""

    number: int
    error: RowError


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut what a file yields into batches that a transaction writes within its time limits."""
    batch: list[Item] = []
    variants = 0
    for item in items:
        weight = len(item.variants) if isinstance(item, ProductDraft) else 1
        if batch and (len(batch) >= BATCH_PRODUCTS or variants + weight > BATCH_VARIANTS):
            yield batch
            batch, variants = [], 0
        batch.append(item)
        variants += weight
    if batch:
        yield batch
