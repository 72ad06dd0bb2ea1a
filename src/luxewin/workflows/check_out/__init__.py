"""Checking out: the cart becomes an order, which is paid immediately if the request contains a payment."""
