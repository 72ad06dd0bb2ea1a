"""Claiming a prize: noted as claimed, and where it is a piece of the catalogue, ordered and sent."""
