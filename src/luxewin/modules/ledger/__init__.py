"""One double-entry ledger for every movement of value: accounts, transfers, postings. Balances are sums."""
