"""Where the products of a file stand: its types are categories, its vendors are vendors; what is missing is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.categories import Category
from luxewin.modules.catalog.domain.drafts import category_path
from luxewin.modules.catalog.domain.products import CategoryName, Product, VendorName
from luxewin.modules.catalog.domain.shopify_csv import ProductDraft, columns
from luxewin.modules.catalog.service.categories import Names, ensure_paths
from luxewin.modules.vendors import public as vendors


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """Where one product of a file stands."""

    category: CategoryName | None
    lineage: tuple[UUID, ...]
    vendor: VendorName | None


@dataclass(frozen=True, slots=True)
class Places:
    """The categories and vendors that a batch of products names."""

    categories: Mapping[Names, Category]
    vendors: Mapping[str, VendorName]

    def place_of(self, draft: ProductDraft, before: Product | None) -> FilePlace:
        """Return where a product shall stand; what the file has no column for stays as it was before."""
        category = self.categories.get(category_path(draft))
        if before and columns.TYPE not in draft.said:
            named, lineage = before.category, before.lineage
        else:
            named, lineage = (_named(category), category.lineage) if category else (None, ())
        vendor = before.vendor if before and columns.VENDOR not in draft.said else self.vendors.get(draft.vendor)
        return FilePlace(category=named, lineage=lineage, vendor=vendor)


async def places_of(tx: Transaction, drafts: Sequence[ProductDraft], *, make: bool) -> Places:
    """Return the places that the drafts name, and make those that are missing.

    Without `make` the missing ones are returned as they would be, and nothing is written.
    """
    paths = list({path: None for draft in drafts if (path := category_path(draft))})
    names = list({draft.vendor: None for draft in drafts if draft.vendor.strip()})
    categories = await ensure_paths(tx, paths, make=make) if paths else {}
    return Places(categories, await _vendors(tx, names, make=make) if names else {})


async def _vendors(tx: Transaction, names: Sequence[str], *, make: bool) -> dict[str, VendorName]:
    ids = await (vendors.ensure if make else vendors.find_named)(tx, names)
    known = await vendors.find_vendors(tx, ids.values())
    named = {name: VendorName(id=vendor_id, name=known[vendor_id].name) for name, vendor_id in ids.items()}
    return {name: VendorName(id=new_id(), name=name.strip()) for name in names} | named


def _named(category: Category) -> CategoryName:
    return CategoryName(id=category.id, slug=category.slug, name=category.name, path=category.path)
