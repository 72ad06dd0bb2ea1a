"""The catalogue: product types, products, variants, options, images, categories and collections."""
