"""The use cases of product files."""
