"""Raffles: prize draws whose outcome anyone can recompute."""
