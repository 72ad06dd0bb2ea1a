"""What the module brings to the program."""

from luxewin.kit.manifest import Module

MODULE = Module()
