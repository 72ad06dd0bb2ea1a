"""Cancelling an order: its lines are released, or refunded where they were paid."""
