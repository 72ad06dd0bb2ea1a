"""The tables of raffles."""

from luxewin.modules.raffles.models import anchors, draws, raffles, responsible_gaming, tickets

__all__ = ["anchors", "draws", "raffles", "responsible_gaming", "tickets"]
