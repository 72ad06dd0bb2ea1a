"""The tables of payments, and those of the payment simulator."""

from luxewin.modules.payments.models import payments, simulator

__all__ = ["payments", "simulator"]
