"""The rules of orders: pure."""
