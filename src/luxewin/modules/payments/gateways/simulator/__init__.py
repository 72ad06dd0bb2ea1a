"""The payment simulator: a gateway for development, demonstrations and tests, with a database schema of its own."""
