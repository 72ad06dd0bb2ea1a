"""The queries of the storefront: a closed set of fragments over the public views of catalogue and inventory."""
