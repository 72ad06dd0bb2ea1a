"""Creating a tenant with everything that it needs for a first order."""
