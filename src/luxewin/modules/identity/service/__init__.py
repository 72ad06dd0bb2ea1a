"""Use cases of identity, one in each file, and the services that they use: passwords, signing keys, tokens."""
