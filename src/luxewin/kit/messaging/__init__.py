"""Messaging: events leave the outbox, are numbered in the event log, and are handled by listeners."""
