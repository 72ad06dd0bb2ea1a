"""How orders are sent, and what that costs."""
