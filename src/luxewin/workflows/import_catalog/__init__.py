"""Importing a product file in batches, each in its own transaction, or undoing an import."""
