"""Listings, filters, and how words match: pure."""
