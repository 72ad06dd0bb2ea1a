"""Tickets of a raffle: the line is the purchase, and gets its numbers when it is paid."""
