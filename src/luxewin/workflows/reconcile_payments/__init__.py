"""Reconciling: every payment and refund that was interrupted, or whose outcome is unknown, is asked for and ended."""
