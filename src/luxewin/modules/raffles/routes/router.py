"""The router of all routes of raffles."""

from luxewin.kit.http.routing import Router

router = Router("raffles")
