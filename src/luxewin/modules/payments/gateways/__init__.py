"""Payment gateways: the protocol, the registry, and one folder for each adapter."""
