"""A product file is imported, in batches that each commit on their own, or an import is undone."""
