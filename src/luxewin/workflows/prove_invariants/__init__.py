"""Whether every law holds."""
