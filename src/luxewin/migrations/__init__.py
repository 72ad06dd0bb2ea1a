"""The schema: every module's tables together, and the frozen steps that lead there."""
