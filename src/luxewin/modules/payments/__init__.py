"""Payments: attempts, refunds and disputes at outside gateways, and what those gateways tell."""
