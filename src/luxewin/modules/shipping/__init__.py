"""Shipping methods and their prices (flat rates). Carriers and shipments are not supported."""
