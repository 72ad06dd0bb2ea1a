"""Checking out: the cart becomes an order, and is paid at once where the request contains a payment."""
