"""Anchoring a raffle on a blockchain: its rules when it is published, its receipt when it is locked."""
