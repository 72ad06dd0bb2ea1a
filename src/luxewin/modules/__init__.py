"""The modules: one bounded context each, calls go down, facts come up."""
