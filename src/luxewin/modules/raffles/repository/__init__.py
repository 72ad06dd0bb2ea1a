"""Every query of raffles."""

from luxewin.modules.raffles.repository.invariants import INVARIANTS

__all__ = ["INVARIANTS"]
