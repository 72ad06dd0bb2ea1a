"""Use cases of identity, one verb each, and the services they lean on: passwords, signing keys, tokens."""
