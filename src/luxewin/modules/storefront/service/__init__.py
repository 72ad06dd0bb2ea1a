"""The use cases of the storefront: listing, showing and searching products; caching; and updating the index."""
