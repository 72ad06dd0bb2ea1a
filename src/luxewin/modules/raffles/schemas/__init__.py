"""What raffles take in and give out over HTTP."""
