"""The categories and vendors of the products in a file: found by name, and created if they are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import Category
from luxewin.modules.catalog.public.values import CategoryName, Product, VendorName
from luxewin.modules.catalog_import.domain.import_mapping import category_path
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, columns
from luxewin.modules.vendors import public as vendors


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductReferences:
    """The category of one product, with the ids from the root down to it (`lineage`), and its vendor."""

    category: CategoryName | None
    lineage: tuple[UUID, ...]
    vendor: VendorName | None


@dataclass(frozen=True, slots=True)
class References:
    """The categories of a batch of products by path, and its vendors by name."""

    categories: Mapping[tuple[str, ...], Category]
    vendors: Mapping[str, VendorName]

    def of(self, draft: ProductDraft, before: Product | None) -> ProductReferences:
        """Return a product's references; references without a column in the file stay unchanged."""
        category = self.categories.get(category_path(draft))
        if before and columns.TYPE not in draft.given_columns:
            name, lineage = before.category, before.lineage
        else:
            name, lineage = (_name_of(category), category.lineage) if category else (None, ())
        vendor = (
            before.vendor if before and columns.VENDOR not in draft.given_columns else self.vendors.get(draft.vendor)
        )
        return ProductReferences(category=name, lineage=lineage, vendor=vendor)


async def resolve_references(tx: Transaction, drafts: Sequence[ProductDraft], *, create: bool) -> References:
    """Return the categories and vendors of the drafts, and create missing ones.

    Without `create` the missing ones are returned as they would be created, and nothing is written.
    """
    paths = list({path: None for draft in drafts if (path := category_path(draft))})
    names = list({draft.vendor: None for draft in drafts if draft.vendor.strip()})
    categories = await catalog.ensure_categories(tx, paths, create=create) if paths else {}
    return References(categories, await _vendors(tx, names, create=create) if names else {})


async def _vendors(tx: Transaction, names: Sequence[str], *, create: bool) -> dict[str, VendorName]:
    ids = await (vendors.ensure if create else vendors.find_named)(tx, names)
    known = await vendors.find_vendors(tx, ids.values())
    found = {name: VendorName(id=vendor_id, name=known[vendor_id].name) for name, vendor_id in ids.items()}
    return {name: VendorName(id=new_id(), name=name.strip()) for name in names} | found


def _name_of(category: Category) -> CategoryName:
    return CategoryName(id=category.id, slug=category.slug, name=category.name, path=category.path)
