"""The double-entry ledger of every movement of value: accounts, transfers, postings. Balances are sums."""
