"""The rules of product files: pure, without input or output."""
