"""The storefront's table and the function that searches it."""

from luxewin.modules.storefront.models import search

__all__ = ["search"]
