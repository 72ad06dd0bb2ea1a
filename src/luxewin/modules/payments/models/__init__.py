"""The tables of payments, and the simulated gateway's own books beside them."""

from luxewin.modules.payments.models import payments, simulator

__all__ = ["payments", "simulator"]
