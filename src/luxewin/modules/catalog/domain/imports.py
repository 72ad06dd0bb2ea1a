"""An import: a product file on its way into the catalogue, as far as it has come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from luxewin.modules.catalog.domain.shopify_csv import DecodedText, ProductDraft, RowError, read
from luxewin.modules.catalog.domain.shopify_csv.header import header_of
from luxewin.modules.catalog.domain.shopify_csv.records import records

BATCH_PRODUCTS = 200
BATCH_VARIANTS = 1_000
MOST_ERRORS_KEPT = 10_000

Item = ProductDraft | RowError


class ImportFormat(StrEnum):
    """What the file is."""

    SHOPIFY_CSV = "shopify_csv"


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
class Survey:
    """What a first reading of a file finds: its columns, how much it yields, and what only the whole can tell.

    `repeated_skus` maps a SKU that several products have to the line of the first one. `note` tells people what to look
    at, where the file's encoding was guessed.
    """

    columns: tuple[str, ...]
    total: int
    repeated_skus: Mapping[str, int]
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A product file on its way in.

    `done` and `total` count what the file yields: products, and errors for what is none. `failure` says why the file
    as such could not be read. `version` is counted up by whoever works on it, so that a worker whose lease has passed
    to another one is told.
    """

    id: UUID
    format: ImportFormat
    file_name: str
    dry_run: bool
    stock: StockPolicy
    status: ImportStatus
    done: int
    total: int | None
    counts: Counts
    note: str | None
    failure: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class StoredError:
    """A row error with its number within its import."""

    number: int
    error: RowError


def entries_of(file: Sequence[bytes], *, exponent: int) -> Iterator[Item]:
    """Yield the products of a file, and errors for those that are left out.

    Raises:
        NotAProductFile: it cannot be read, or not further.
    """
    return read(DecodedText(file), exponent=exponent)


def survey(file: Sequence[bytes], *, exponent: int) -> Survey:
    """Read a whole file for what has to be known before its first product is brought in.

    Raises:
        NotAProductFile: it cannot be read from its beginning to its end.
    """
    text = DecodedText(file)
    total = 0
    first_lines: dict[str, int] = {}
    repeated: dict[str, int] = {}
    for entry in read(text, exponent=exponent):
        total += 1
        if isinstance(entry, ProductDraft):
            for sku in {variant.sku for variant in entry.variants if variant.sku is not None}:
                if sku in first_lines:
                    repeated[sku] = first_lines[sku]
                first_lines.setdefault(sku, entry.line)
    names = header_of(next(records(DecodedText(file)), None)).names
    return Survey(columns=names, total=total, repeated_skus=repeated, note=text.note)


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
