"""Claiming a prize: the claim is recorded, and a prize from the catalogue is ordered and sent."""
