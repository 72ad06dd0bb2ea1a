"""Beacons, the sources of randomness of draws: drand over HTTP, or a local beacon of this installation."""
