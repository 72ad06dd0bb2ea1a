"""LuxeWin: a multi-tenant shop with raffles, on PostgreSQL."""

__version__ = "0.1.0"
