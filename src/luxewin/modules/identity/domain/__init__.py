"""Rules of accounts: pure, without clock, chance or database."""
