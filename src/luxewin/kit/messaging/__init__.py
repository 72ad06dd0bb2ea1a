"""Messaging: facts leave the outbox, are numbered, and reach their listeners."""
