"""The manifest of tax."""

from luxewin.kit.manifest import Module

MODULE = Module()
