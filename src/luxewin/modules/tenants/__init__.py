"""Whose shop it is: the registry of tenants, their domains, currency, settings and test clock."""
