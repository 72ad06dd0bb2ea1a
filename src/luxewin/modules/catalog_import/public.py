"""The public API of product files: imports, their progress and undo; reading and writing files."""

from luxewin.modules.catalog_import.domain.imports import (
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
    VariantPolicy,
    batches,
)
from luxewin.modules.catalog_import.domain.jsonl import line_of
from luxewin.modules.catalog_import.domain.product_files import ProductFile
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile, ProductDraft, RowError, write
from luxewin.modules.catalog_import.errors import (
    ImportAborted,
    ImportBroken,
    ImportNotUndoable,
    ImportTakenOver,
    ImportUnknown,
)
from luxewin.modules.catalog_import.repository.imports import WORK_CHANNEL
from luxewin.modules.catalog_import.service.export_products import export_columns, export_page
from luxewin.modules.catalog_import.service.import_products import ImportedBatch, import_batch
from luxewin.modules.catalog_import.service.statistics import take_statistics
from luxewin.modules.catalog_import.service.track_imports import (
    CHUNK_BYTES,
    ImportOptions,
    advance_import,
    begin_writing,
    claim_import,
    enter_phase,
    find_import,
    finish_import,
    list_changes,
    list_errors,
    list_imports,
    queue_import,
    read_chunk,
)
from luxewin.modules.catalog_import.service.undo_imports import last_import, queue_undo, undo_batch

__all__ = [
    "CHUNK_BYTES",
    "WORK_CHANNEL",
    "Counts",
    "FieldChange",
    "Import",
    "ImportAborted",
    "ImportBroken",
    "ImportFormat",
    "ImportNotUndoable",
    "ImportOptions",
    "ImportStatus",
    "ImportTakenOver",
    "ImportUnknown",
    "ImportedBatch",
    "Item",
    "NotAProductFile",
    "OnError",
    "Outcome",
    "Phase",
    "ProductChange",
    "ProductDraft",
    "ProductFile",
    "RowError",
    "StockPolicy",
    "StoredError",
    "VariantPolicy",
    "advance_import",
    "batches",
    "begin_writing",
    "claim_import",
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
    "queue_import",
    "queue_undo",
    "read_chunk",
    "take_statistics",
    "undo_batch",
    "write",
]
