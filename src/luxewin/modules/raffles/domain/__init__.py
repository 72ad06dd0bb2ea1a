"""Rules of raffles, pure: the draw protocol LW1, and who may buy what until when."""
