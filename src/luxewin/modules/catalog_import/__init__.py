"""Product files: imported into the catalogue and exported from it, as Shopify's CSV or as lines of JSON."""
