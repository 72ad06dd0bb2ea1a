"""Carts: the items that a customer intends to buy, at current prices."""
