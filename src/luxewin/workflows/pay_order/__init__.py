"""Paying an order: the attempt is recorded, the gateway is called, the outcome is recorded."""
