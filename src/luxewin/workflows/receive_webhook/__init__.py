"""Receiving a gateway's webhook: its signature is verified, it is stored before the response, and applied once."""
