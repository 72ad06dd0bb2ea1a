"""The public pages of raffles: what is offered, what was promised, who won, and how anybody checks it."""
