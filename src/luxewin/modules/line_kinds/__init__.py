"""What a cart and an order hold: the kinds of lines, each behind the same protocol."""
