"""Workflows: use cases that span modules, or that call an external system between two transactions."""
