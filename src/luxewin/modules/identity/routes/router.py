"""The router of all operations under the base path."""

from luxewin.kit.http.routing import Router

router = Router("identity")
