"""The manifest of line kinds; it has no routes, because the routes of carts and orders return the lines."""

from luxewin.kit.manifest import Module

MODULE = Module()
