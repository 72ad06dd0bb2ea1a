"""Every query of the storefront: closed sets of fragments over the catalogue's and the stock's published views."""
