"""The registry of tenants: their domains, currency, settings and test clock."""
