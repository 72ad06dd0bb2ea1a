"""Imports and exports of a shop, for tests."""

from collections.abc import Mapping
from pathlib import Path

from luxewin.kit.access import SYSTEM
from luxewin.modules.catalog_import.public import (
    DuplicateSku,
    ImportFormat,
    ImportOptions,
    OnError,
    ReadingOptions,
    StockPolicy,
    VariantPolicy,
)
from luxewin.workflows.export_catalog.workflow import export_products
from luxewin.workflows.import_catalog.workflow import ImportReport, import_file, undo_last_import
from tests.modules.catalog.shop import Shop


class Desk:
    """Imports files into a shop and exports them."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self._shop = shop
        self._folder = folder
        self._path = folder / "products.csv"

    def of(self, shop: Shop) -> "Desk":
        """Return a desk for another shop."""
        return Desk(shop, self._folder)

    async def import_file(
        self,
        file: bytes,
        *,
        file_format: ImportFormat = ImportFormat.SHOPIFY_CSV,
        dry_run: bool = False,
        stock: StockPolicy = StockPolicy.KEEP,
        on_error: OnError = OnError.SKIP,
        variants: VariantPolicy = VariantPolicy.KEEP,
        on_duplicate_sku: DuplicateSku = DuplicateSku.CLEAR,
        reading: ReadingOptions | None = None,
    ) -> ImportReport:
        self._path.write_bytes(file)
        options = ImportOptions(
            format=file_format,
            dry_run=dry_run,
            stock=stock,
            on_error=on_error,
            variants=variants,
            on_duplicate_sku=on_duplicate_sku,
            reading=reading or ReadingOptions(),
        )
        return await import_file(self._shop.database, self._shop.tenant, self._path, options)

    async def undo(self) -> ImportReport:
        return await undo_last_import(self._shop.database, self._shop.tenant)

    async def export_file(self, file_format: ImportFormat = ImportFormat.SHOPIFY_CSV) -> bytes:
        chunks = export_products(self._shop.database, self._shop.tenant, SYSTEM, file_format)
        return b"".join([chunk async for chunk in chunks])


def counts_of(report: ImportReport) -> tuple[int, int, int, int]:
    """Return the numbers of created, changed and unchanged products, and of errors."""
    return report.created, report.changed, report.unchanged, report.error_count


def codes_of(report: ImportReport) -> list[tuple[int, str | None, str]]:
    """Return each error's line, column and code."""
    return [(error.line, error.column, error.code) for error in report.errors]


def notes_of(report: ImportReport) -> list[tuple[int, str | None, str]]:
    """Return each note's line, column and code."""
    return [(note.line, note.column, note.code) for note in report.notes]


async def products_of(shop: Shop) -> Mapping[str, Mapping[str, object]]:
    """Return the shop's products from the public API, by slug."""
    rows = await shop.rows("SELECT * FROM catalog_v_products ORDER BY slug")
    return {row["slug"]: dict(row) for row in rows}
