"""The public pages of raffles: offers, rules, winners, and the check of a draw."""
