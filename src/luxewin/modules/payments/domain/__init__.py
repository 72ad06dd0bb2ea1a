"""Payments, refunds and disputes, and the transitions of their states."""
