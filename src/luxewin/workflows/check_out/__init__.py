"""Checking out: the cart becomes an order, and is paid at once if the request contains a payment."""
