"""Paying an order: the attempt is recorded, the gateway is asked, the outcome is recorded."""
