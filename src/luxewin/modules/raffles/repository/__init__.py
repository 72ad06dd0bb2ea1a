"""Every query of raffles."""

from luxewin.modules.raffles.repository.laws import LAWS

__all__ = ["LAWS"]
