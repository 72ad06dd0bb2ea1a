"""Cancelling an order: stock back, and money back where it was paid."""
