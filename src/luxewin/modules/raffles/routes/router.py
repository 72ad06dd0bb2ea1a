"""The router that all of raffles' routes share."""

from luxewin.kit.http.routing import Router

router = Router("raffles")
