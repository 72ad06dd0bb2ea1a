"""What the catalogue looks like from outside, by what it is about."""
