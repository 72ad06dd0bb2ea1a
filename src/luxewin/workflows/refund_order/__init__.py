"""Refunding an order: granted by the shop, executed by the gateway."""
