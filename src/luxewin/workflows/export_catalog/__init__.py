"""All products are exported as a file."""
