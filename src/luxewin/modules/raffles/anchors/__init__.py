"""Anchors: hashes of rules and receipts on a chain, as public evidence of the time at which they existed."""
