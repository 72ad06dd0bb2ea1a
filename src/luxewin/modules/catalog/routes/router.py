"""The router on which the catalogue's operations are declared."""

from luxewin.kit.http.routing import Router

router = Router("catalog")
