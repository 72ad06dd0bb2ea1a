"""The errors of imports."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class FileEmpty(InvalidInput):
    """The uploaded file is empty."""

    code = "catalog.file_empty"
    title = "The file is empty; send a file with at least one product"


class ImportUnknown(NotFound):
    """No such import."""


class ImportTakenOver(Conflict):
    """Another worker has taken over the import; this worker must stop."""

    code = "catalog.import_taken_over"
    title = "Another worker processes this import"


class ImportBroken(Conflict):
    """The import failed because of a defect of the program; products that were already imported remain."""

    code = "catalog.import_broken"
    title = "The import stopped because of an internal error; a part of the file is imported"


class ImportAborted(Conflict):
    """The file has errors, and with `on_error=abort` nothing of it is imported."""

    code = "catalog.import_aborted"
    title = "The file has errors, so nothing was imported; see the errors of the import"


class ImportNotUndoable(Conflict):
    """Undoing the import would lose later changes, or there is nothing to undo.

    `reason` is one of: not_finished, nothing_changed, undone, not_last, changed_since, stock_sold, category_gone,
    forgotten.
    """

    code = "catalog.import_not_undoable"
    title = "This import cannot be undone"
