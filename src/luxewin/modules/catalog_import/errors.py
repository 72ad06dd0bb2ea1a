"""The errors of imports."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class FileEmpty(InvalidInput):
    """The uploaded file is empty."""

    code = "catalog.file_empty"
    title = "The file is empty"


class ImportUnknown(NotFound):
    """No such import."""


class ImportTakenOver(Conflict):
    """Another worker has taken the import over; this one must stop."""

    code = "catalog.import_taken_over"
    title = "The import is being worked on elsewhere"


class ImportBroken(Conflict):
    """The import failed because of a defect of the program; what was imported before stays."""

    code = "catalog.import_broken"
    title = "The import stopped because of an error on our side; the products before it were imported"


class ImportAborted(Conflict):
    """The file has errors, and with `on_error=abort` nothing of it is imported."""

    code = "catalog.import_aborted"
    title = "The file has errors; nothing was changed"


class ImportNotUndoable(Conflict):
    """Undoing the import would lose later changes, or there is nothing to undo; `reason` says which.

    not_finished, nothing_changed, undone, not_last, changed_since, stock_sold, category_gone, forgotten.
    """

    code = "catalog.import_not_undoable"
    title = "This import cannot be undone"
