"""The rules of the catalogue: pure, without input or output."""
