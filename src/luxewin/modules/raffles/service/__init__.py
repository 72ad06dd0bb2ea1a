"""The use cases of raffles, one verb each; none of them commits."""
