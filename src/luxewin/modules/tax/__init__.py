"""Tax on orders, quoted by a provider; the only provider so far charges no tax."""
