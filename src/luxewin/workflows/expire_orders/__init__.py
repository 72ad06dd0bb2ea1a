"""Expiring: unpaid orders give their stock back when their time is over."""
