"""Orders: placed from a cart, paid, cancelled, expired, refunded; each change has its history."""
