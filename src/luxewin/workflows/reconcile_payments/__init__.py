"""Reconciling: interrupted payments and refunds, and unknown outcomes, are looked up at the gateway and resolved."""
