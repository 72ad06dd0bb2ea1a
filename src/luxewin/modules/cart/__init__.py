"""Carts: what somebody means to buy, at the prices of this moment."""
