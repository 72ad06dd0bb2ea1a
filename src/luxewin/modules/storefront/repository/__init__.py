"""Every query of the storefront: a closed set of fragments over the published views of catalogue and inventory."""
