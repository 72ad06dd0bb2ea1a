"""Creating a tenant with all that it needs to take a first order."""
