"""The manifest of the workflow: `draw_raffle` runs it with its own job."""

from luxewin.kit.manifest import Module

MODULE = Module()
