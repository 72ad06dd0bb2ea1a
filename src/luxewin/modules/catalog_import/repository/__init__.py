"""The queries of imports."""
