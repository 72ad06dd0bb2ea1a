"""Tax on orders, asked of a provider; until rates are kept here, it is nothing."""
