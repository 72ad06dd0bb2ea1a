"""Vendors: sellers in a tenant's shop besides the tenant itself."""
