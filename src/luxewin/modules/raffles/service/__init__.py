"""The use cases of raffles, one in each file; none of them commits."""
