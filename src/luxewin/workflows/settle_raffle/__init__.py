"""Settling a raffle: prizes that are not claimed in time pass to reserve winners, until all are settled."""
