"""Walking through all products, as a product file says them."""

from dataclasses import dataclass

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain import sheets
from luxewin.modules.catalog.domain.shopify_csv import ProductDraft
from luxewin.modules.catalog.repository import imports, products
from luxewin.modules.inventory import public as inventory

PAGE_PRODUCTS = 100


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Some products as a file says them; `last_slug` is where the next page begins, None at the end."""

    drafts: list[ProductDraft]
    last_slug: str | None


async def export_columns(tx: Transaction) -> list[str]:
    """Return the columns that imported files had beyond the known ones, in the order in which they came."""
    return await imports.sheet_columns(tx)


async def export_page(tx: Transaction, *, after: str) -> ExportPage:
    """Return the products whose slugs come after this one."""
    found = await products.page_by_slug(tx, after=after, limit=PAGE_PRODUCTS)
    stock = await inventory.available(tx, [id_ for product in found for id_ in product.variant_ids]) if found else {}
    last = found[-1].content.slug if len(found) == PAGE_PRODUCTS else None
    return ExportPage([sheets.draft_of(product, stock) for product in found], last)
