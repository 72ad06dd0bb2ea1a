"""Request and response bodies of the catalogue, by subject."""
