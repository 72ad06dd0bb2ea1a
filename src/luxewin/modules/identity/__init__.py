"""Who calls: accounts, passwords, sessions, tokens and the keys that sign them."""
