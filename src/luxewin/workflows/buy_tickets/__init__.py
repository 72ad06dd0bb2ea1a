"""Buying tickets: an order of one line, placed and paid; the line is the purchase."""
