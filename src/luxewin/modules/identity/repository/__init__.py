"""Queries of identity, one file for each thing that is stored.

Time here is `now()`, not the tenant's: a test clock moves orders and draws, never who is logged in or locked out.
"""
