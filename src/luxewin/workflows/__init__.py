"""Workflows: use cases that cross modules, or that call the outside between two transactions."""
