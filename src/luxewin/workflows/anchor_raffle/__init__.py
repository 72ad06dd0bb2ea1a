"""Anchoring a raffle: its rules when it is published, its receipt when it is locked, on a chain that others keep."""
