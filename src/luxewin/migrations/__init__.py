"""The schema of all modules, and the released migrations that create it."""
