"""Where the randomness of draws comes from: drand over HTTP, or a beacon of this installation's own."""
