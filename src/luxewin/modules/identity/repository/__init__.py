"""Queries of identity, one file for each kind of row.

They use `now()` and not the tenant's time: the test clock moves orders and draws, but not sessions and locks.
"""
