"""Settling a raffle: prizes that nobody claims in time are passed on, until nothing is left to be done."""
