"""The router of orders."""

from luxewin.kit.http.routing import Router

router = Router("orders")
