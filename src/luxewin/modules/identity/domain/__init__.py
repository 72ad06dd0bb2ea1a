"""Rules of accounts: pure functions, without clock, randomness or database."""
