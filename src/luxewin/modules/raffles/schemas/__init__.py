"""The request and response bodies of raffles."""
