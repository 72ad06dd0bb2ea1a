"""The runtime: embedded PostgreSQL, supervised processes, backups. No business code."""
