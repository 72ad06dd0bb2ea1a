"""The HTTP routes of raffles; buying tickets, cancelling an open raffle and claiming a prize are in `workflows`."""

from luxewin.modules.raffles.routes import cancellations, claims, draws, raffles, responsible_gaming
from luxewin.modules.raffles.routes.router import router

__all__ = ["cancellations", "claims", "draws", "raffles", "responsible_gaming", "router"]
