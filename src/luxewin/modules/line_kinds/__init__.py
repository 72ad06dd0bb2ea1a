"""The kinds of lines in carts and orders, which all implement one protocol."""
