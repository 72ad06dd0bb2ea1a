"""The kit: infrastructure that all modules share; it contains no business code."""
