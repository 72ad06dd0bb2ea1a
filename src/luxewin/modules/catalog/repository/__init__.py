"""The queries of the catalogue, by subject."""
