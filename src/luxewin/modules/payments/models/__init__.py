"""The tables of payments and of the payment simulator."""

from luxewin.modules.payments.models import payments, simulator

__all__ = ["payments", "simulator"]
