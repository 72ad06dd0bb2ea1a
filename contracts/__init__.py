"""The contract that draws are anchored in, and how it is compiled."""
