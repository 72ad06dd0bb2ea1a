"""Cancelling a raffle: nothing is drawn, and every purchase is refunded exactly once."""
