"""The storefront: product lists, product details and search for shoppers, cached until the catalogue changes."""
