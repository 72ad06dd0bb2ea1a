"""Listings, filters and word matching: pure."""
