"""What the module brings to the program: no routes of its own, for carts and orders show its lines."""

from luxewin.kit.manifest import Module

MODULE = Module()
