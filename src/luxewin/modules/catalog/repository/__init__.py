"""Every query of the catalogue, by what it is about."""
