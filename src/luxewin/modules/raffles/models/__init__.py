"""The tables of raffles: what is promised, what was bought, what was committed to and drawn."""

from luxewin.modules.raffles.models import anchors, draws, play, raffles, tickets

__all__ = ["anchors", "draws", "play", "raffles", "tickets"]
