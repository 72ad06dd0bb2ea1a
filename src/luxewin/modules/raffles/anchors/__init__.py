"""Anchors: where hashes of rules and receipts are written, so that everybody can see when they existed."""
