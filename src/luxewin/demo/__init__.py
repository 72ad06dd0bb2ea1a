"""The demo shops, which are seeded outside production, and the pictures of their products."""
