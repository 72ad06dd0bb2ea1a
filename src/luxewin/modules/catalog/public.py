"""The front door of the catalogue.

Other modules' queries may join these views, all of them `security_invoker` and led by `tenant_id`:
`catalog_v_products` (whatever is not deleted, drafts included), `catalog_v_variants`, `catalog_v_categories`,
`catalog_v_product_categories` (a product stands in its category and in all above it), `catalog_v_product_tags` (by
`tag_key`), `catalog_v_collections`, `catalog_v_collection_products`.
"""

from luxewin.modules.catalog.domain.imports import (
    Counts,
    Import,
    ImportFormat,
    ImportStatus,
    Item,
    StockPolicy,
    StoredError,
    Survey,
    batches,
    entries_of,
    survey,
)
from luxewin.modules.catalog.domain.names import folded as tag_key
from luxewin.modules.catalog.domain.shopify_csv import NotAProductFile, ProductDraft, RowError, write
from luxewin.modules.catalog.errors import (
    ImportBroken,
    ImportTakenOver,
    ImportUnknown,
    ProductUnknown,
    VariantAmbiguous,
)
from luxewin.modules.catalog.repository.imports import WORK_CHANNEL
from luxewin.modules.catalog.repository.placement import CATALOG_CHANNEL
from luxewin.modules.catalog.schemas.products import (
    CategoryOfProduct,
    ImageView,
    OptionView,
    ProductView,
    VariantView,
    VendorOfProduct,
)
from luxewin.modules.catalog.service.export_products import export_columns, export_page
from luxewin.modules.catalog.service.import_products import Source, import_batch
from luxewin.modules.catalog.service.read_products import Sellable, only_variant, sellable
from luxewin.modules.catalog.service.track_imports import (
    advance_import,
    begin_import,
    file_of,
    find_import,
    finish_import,
    list_errors,
    list_imports,
    queue_import,
    take_import,
    unknown_columns,
)

__all__ = [
    "CATALOG_CHANNEL",
    "WORK_CHANNEL",
    "CategoryOfProduct",
    "Counts",
    "ImageView",
    "Import",
    "ImportBroken",
    "ImportFormat",
    "ImportStatus",
    "ImportTakenOver",
    "ImportUnknown",
    "Item",
    "NotAProductFile",
    "OptionView",
    "ProductDraft",
    "ProductUnknown",
    "ProductView",
    "RowError",
    "Sellable",
    "Source",
    "StockPolicy",
    "StoredError",
    "Survey",
    "VariantAmbiguous",
    "VariantView",
    "VendorOfProduct",
    "advance_import",
    "batches",
    "begin_import",
    "entries_of",
    "export_columns",
    "export_page",
    "file_of",
    "find_import",
    "finish_import",
    "import_batch",
    "list_errors",
    "list_imports",
    "only_variant",
    "queue_import",
    "sellable",
    "survey",
    "tag_key",
    "take_import",
    "unknown_columns",
    "write",
]
