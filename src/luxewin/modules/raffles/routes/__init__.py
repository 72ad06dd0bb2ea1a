"""Raffles over HTTP. Buying, cancelling and what follows the lock are stories of their own, in `workflows`."""

from luxewin.modules.raffles.routes import cancellations, claims, draws, play, raffles
from luxewin.modules.raffles.routes.router import router

__all__ = ["cancellations", "claims", "draws", "play", "raffles", "router"]
