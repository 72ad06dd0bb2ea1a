"""Reading all products for an export, page by page."""

from dataclasses import dataclass

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog_import.domain.export_mapping import draft_of
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft
from luxewin.modules.catalog_import.domain.shopify_csv.columns import known_name
from luxewin.modules.catalog_import.repository import imports as repository
from luxewin.modules.inventory import public as inventory

PAGE_PRODUCTS = 100


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Descriptions of products; the next page begins after `last_slug`, None at the end."""

    drafts: list[ProductDraft]
    last_slug: str | None


async def export_columns(tx: Transaction) -> list[str]:
    """Return the unknown columns of imported files, in the order in which they first occurred.

    A column that has since become a field is known, and left out.
    """
    return [name for name in await repository.extra_columns(tx) if known_name(name) is None]


async def export_page(tx: Transaction, *, after: str) -> ExportPage:
    """Return a page of products by slug, after the slug `after`."""
    found = await catalog.products_after_slug(tx, after=after, limit=PAGE_PRODUCTS)
    ids = [id_ for product in found for id_ in product.variant_ids]
    stock = {id_: each.stock for id_, each in (await inventory.availability(tx, ids) if ids else {}).items()}
    last = found[-1].content.slug if len(found) == PAGE_PRODUCTS else None
    return ExportPage([draft_of(product, stock) for product in found], last)
