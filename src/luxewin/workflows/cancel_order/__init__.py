"""Cancelling an order: its lines are released, or refunded if they were paid."""
