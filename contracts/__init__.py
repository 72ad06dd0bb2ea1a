"""The contract in which draws are anchored, and its build script."""
