"""Goods: units of a variant, taken from stock and shipped."""
