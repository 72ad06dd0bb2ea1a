"""Expiring orders: unpaid ones end when their payment window closes."""
