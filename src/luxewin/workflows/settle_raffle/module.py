"""What the workflow brings to the program: `draw_raffle` runs it with its own job."""

from luxewin.kit.manifest import Module

MODULE = Module()
