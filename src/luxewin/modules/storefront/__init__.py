"""Storefront: what shoppers read — lists, details and search — cached while the catalogue stays the same."""
