"""The public API of the catalogue; `values` holds its pure part.

Other modules' queries may join these views, all of them `security_invoker` and led by `tenant_id`:
`catalog_v_products` (all products that are not deleted; `IS_FOR_SALE` is the condition for those for sale),
`catalog_v_variants`, `catalog_v_categories`,
`catalog_v_product_categories` (a product is listed under its category and all its ancestors),
`catalog_v_product_tags` (by `tag_key`),
`catalog_v_product_properties` (by `property_key`), `catalog_v_collections`, `catalog_v_collection_products`.

Products are read and written in bulk as `Product` and `Change`: read them, decide on the new `Content`, and pass the
changes to `save_products`, which rejects all of them if another transaction has changed one of them since.
"""

from luxewin.modules.catalog.domain.categories import Category
from luxewin.modules.catalog.domain.names import fold as tag_key
from luxewin.modules.catalog.domain.names import option_key, property_key
from luxewin.modules.catalog.errors import (
    CatalogueMoved,
    CategoryAmbiguous,
    CategoryInvalid,
    ProductUnknown,
    VariantAmbiguous,
)
from luxewin.modules.catalog.repository.categories import lock_categories
from luxewin.modules.catalog.repository.flushing import flush
from luxewin.modules.catalog.repository.placement import CATALOG_CHANNEL
from luxewin.modules.catalog.repository.products import (
    are_variants_deleted,
    lock_by_id,
    lock_by_slug,
    products_after_slug,
    products_by_id,
    products_by_slug,
    sku_owners,
)
from luxewin.modules.catalog.repository.sellables import IS_FOR_SALE, of_suspended_vendors
from luxewin.modules.catalog.schemas.product_views import (
    CategoryOfProduct,
    ImageView,
    OptionView,
    ProductView,
    VariantView,
    VendorOfProduct,
)
from luxewin.modules.catalog.service.categories import ensure_categories, find_category_by_name
from luxewin.modules.catalog.service.read_products import Sellable, only_variant, sellable
from luxewin.modules.catalog.service.save_products import CountedStock, remove_products, save_products
from luxewin.modules.catalog.service.statistics import take_statistics

__all__ = [
    "CATALOG_CHANNEL",
    "IS_FOR_SALE",
    "CatalogueMoved",
    "Category",
    "CategoryAmbiguous",
    "CategoryInvalid",
    "CategoryOfProduct",
    "CountedStock",
    "ImageView",
    "OptionView",
    "ProductUnknown",
    "ProductView",
    "Sellable",
    "VariantAmbiguous",
    "VariantView",
    "VendorOfProduct",
    "are_variants_deleted",
    "ensure_categories",
    "find_category_by_name",
    "flush",
    "lock_by_id",
    "lock_by_slug",
    "lock_categories",
    "of_suspended_vendors",
    "only_variant",
    "option_key",
    "products_after_slug",
    "products_by_id",
    "products_by_slug",
    "property_key",
    "remove_products",
    "save_products",
    "sellable",
    "sku_owners",
    "tag_key",
    "take_statistics",
]
