"""Payments: attempts, refunds and disputes at external gateways, and the webhooks that those gateways send."""
