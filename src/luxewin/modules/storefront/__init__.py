"""Storefront: what shoppers read — lists, details and search — served from memory while it is known to be true."""
