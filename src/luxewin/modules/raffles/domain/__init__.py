"""The rules of raffles, as pure functions: the draw protocol LW1, and the rules for selling tickets."""
