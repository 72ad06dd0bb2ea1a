"""Payment gateways, each an adapter behind one protocol, and the guard in front of every one of them."""
