"""Imports of product files: their options, their progress, and the changes they make."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.public.values import Product
from luxewin.modules.catalog_import.domain.csv_files import ProductUpdate, ReadingOptions
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote

MOST_NOTES_STORED = 10_000
BATCH_PRODUCTS = 500
BATCH_VARIANTS = 2_500
MOST_ERRORS_STORED = 10_000

Item = ProductDraft | ProductUpdate | RowError | RowNote


class ImportFormat(StrEnum):
    """The format of a product file."""

    SHOPIFY_CSV = "shopify_csv"
    JSONL = "jsonl"

    @classmethod
    def of_file(cls, name: str) -> "ImportFormat":
        """Return the format of a file with this name: lines of JSON if it ends so, or else a table."""
        return cls.JSONL if name.lower().endswith((".jsonl", ".ndjson")) else cls.SHOPIFY_CSV


class OnError(StrEnum):
    """The policy for errors: import nothing of the file, or leave out only the products with errors."""

    ABORT = "abort"
    SKIP = "skip"


class Phase(StrEnum):
    """The phase of an import: the file is checked, its products are written, or its changes are undone."""

    CHECKING = "checking"
    WRITING = "writing"
    UNDOING = "taking_back"


class Outcome(StrEnum):
    """The outcome for a product of the file."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class StockPolicy(StrEnum):
    """The use of the file's quantities: for new variants only, or also to overwrite the stock of existing variants."""

    KEEP = "keep"
    OVERWRITE = "overwrite"


class VariantPolicy(StrEnum):
    """What happens to the variants of a product that the file does not have: they stay, or are deleted."""

    KEEP = "keep"
    REPLACE = "replace"


class DuplicateSku(StrEnum):
    """What happens to a SKU that the file has before: an error, no SKU, or one with a number behind it."""

    REFUSE = "refuse"
    CLEAR = "clear"
    SUFFIX = "suffix"


class StockEffect(StrEnum):
    """What an import does to the stock of a variant."""

    KEPT = "kept"
    SET = "set"
    NOT_TRACKED = "not_tracked"
    REMOVED = "removed"


class ImportStatus(StrEnum):
    """The status of an import."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The number of products by outcome, of errors and of notes; a product with an error was left out."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0
    notes: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            created=self.created + other.created,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            errors=self.errors + other.errors,
            notes=self.notes + other.notes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is read: detected, or named by the user. `fields` are what the columns of the `header` hold.

    If the file cannot be read in this way, the fields are proposals.
    """

    platform: str | None
    contents: str
    encoding: str
    delimiter: str | None
    decimal: str
    header: tuple[str, ...]
    fields: tuple[str | None, ...]
    sample: tuple[tuple[str, ...], ...]

    def column_of(self, field: str) -> str:
        """Return the file's column that holds a field; a name that the file has is already one of its columns."""
        if field in self.header:
            return field
        return next((name for name, each in zip(self.header, self.fields, strict=True) if each == field), field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import of a product file.

    `done` and `total` count the entries of the current phase: products, errors and notes. `reading` describes how the
    file is read, once that is known. `failure` is the reason why the
    file was not imported, or not completely. `undoes` is the import that this import undoes, `undone_by` the import
    that undoes this import. Every write of a worker increments `version`, so that a worker with an expired lease cannot
    write any more.
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
    variants: VariantPolicy = VariantPolicy.KEEP
    on_duplicate_sku: DuplicateSku = DuplicateSku.CLEAR
    reading_options: ReadingOptions = field(default_factory=ReadingOptions)
    reading: Reading | None = None

    @property
    def only_checks(self) -> bool:
        """True if this phase only checks the products and writes nothing."""
        return self.phase is Phase.CHECKING

    @property
    def stores_findings(self) -> bool:
        """True if this phase stores the errors and notes of the file: the check, unless the writing reports them."""
        reports_when_written = self.on_error is OnError.SKIP and not self.dry_run
        return self.only_checks is not reports_when_written

    @property
    def written(self) -> int:
        """The number of products that the import has created or changed."""
        return self.counts.created + self.counts.changed


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """The value of a field before and after the change; long texts are truncated.

    `effect` tells what happens to the stock of a variant, which is listed also if it stays; other fields have none.
    """

    field: str
    before: Any
    after: Any
    effect: StockEffect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChange:
    """The outcome for one product of the file; `number` counts within the import."""

    number: int
    line: int
    slug: str
    name: str
    outcome: Outcome
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenChange:
    """A stored change: the part that the API returns, and the values that an undo needs.

    `version` is the product's version after the change, `stock_deltas` the adjustments of counted stock, by variant. In
    a dry run nothing was written, and `product_id` is None.
    """

    summary: ProductChange
    product_id: UUID | None
    version: int
    before: Product | None
    stock_deltas: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class StoredError:
    """A row error with its number within its import."""

    number: int
    error: RowError


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note with its number within its import."""

    number: int
    note: RowNote


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Split the entries of a file into batches that a transaction writes within its time limits."""
    batch: list[Item] = []
    variants = 0
    for item in items:
        weight = len(item.variants) if isinstance(item, ProductDraft | ProductUpdate) else 1
        if batch and (len(batch) >= BATCH_PRODUCTS or variants + weight > BATCH_VARIANTS):
            yield batch
            batch, variants = [], 0
        batch.append(item)
        variants += weight
    if batch:
        yield batch
