"""Accounts, passwords, sessions, access tokens and the keys that sign them."""
