"""Receiving a gateway's webhook: believed only with its signature, stored before it is answered, applied once."""
