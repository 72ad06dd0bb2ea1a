"""Vendors: who sells in a tenant's shop beside the tenant itself."""
