"""How the program is run: embedded PostgreSQL, supervised processes, backups. No business code."""
