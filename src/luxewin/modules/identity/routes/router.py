"""The router that every operation under the base address is declared on."""

from luxewin.kit.http.routing import Router

router = Router("identity")
