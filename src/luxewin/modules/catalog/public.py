"""The front door of the catalogue.

Other modules' queries may join these views, all of them `security_invoker` and led by `tenant_id`:
`catalog_v_products` (whatever is not deleted, drafts included), `catalog_v_variants`, `catalog_v_categories`,
`catalog_v_product_categories` (a product stands in its category and in all above it), `catalog_v_product_tags` (by
`tag_key`), `catalog_v_collections`, `catalog_v_collection_products`.
"""

from luxewin.modules.catalog.domain.imports import (
    Counts,
    FieldChange,
    Import,
    ImportFormat,
    ImportStatus,
    Item,
    OnError,
    Outcome,
    Phase,
    ProductChange,
    StockPolicy,
    StoredError,
    batches,
)
from luxewin.modules.catalog.domain.jsonl import line_of
from luxewin.modules.catalog.domain.names import folded as tag_key
from luxewin.modules.catalog.domain.product_files import ProductFile
from luxewin.modules.catalog.domain.shopify_csv import NotAProductFile, ProductDraft, RowError, write
from luxewin.modules.catalog.errors import (
    ImportAborted,
    ImportBroken,
    ImportNotUndoable,
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
from luxewin.modules.catalog.service.count_rows import take_statistics
from luxewin.modules.catalog.service.export_products import export_columns, export_page
from luxewin.modules.catalog.service.import_products import Batch, import_batch
from luxewin.modules.catalog.service.read_products import Sellable, only_variant, sellable
from luxewin.modules.catalog.service.take_back import last_import, queue_undo, take_back_batch
from luxewin.modules.catalog.service.track_imports import (
    PIECE_BYTES,
    Handling,
    advance_import,
    begin_writing,
    enter_phase,
    find_import,
    finish_import,
    list_changes,
    list_errors,
    list_imports,
    piece_of,
    queue_import,
    take_import,
)

__all__ = [
    "CATALOG_CHANNEL",
    "PIECE_BYTES",
    "WORK_CHANNEL",
    "Batch",
    "CategoryOfProduct",
    "Counts",
    "FieldChange",
    "Handling",
    "ImageView",
    "Import",
    "ImportAborted",
    "ImportBroken",
    "ImportFormat",
    "ImportNotUndoable",
    "ImportStatus",
    "ImportTakenOver",
    "ImportUnknown",
    "Item",
    "NotAProductFile",
    "OnError",
    "OptionView",
    "Outcome",
    "Phase",
    "ProductChange",
    "ProductDraft",
    "ProductFile",
    "ProductUnknown",
    "ProductView",
    "RowError",
    "Sellable",
    "StockPolicy",
    "StoredError",
    "VariantAmbiguous",
    "VariantView",
    "VendorOfProduct",
    "advance_import",
    "batches",
    "begin_writing",
    "enter_phase",
    "export_columns",
    "export_page",
    "find_import",
    "finish_import",
    "import_batch",
    "last_import",
    "line_of",
    "list_changes",
    "list_errors",
    "list_imports",
    "only_variant",
    "piece_of",
    "queue_import",
    "queue_undo",
    "sellable",
    "tag_key",
    "take_back_batch",
    "take_import",
    "take_statistics",
    "write",
]
