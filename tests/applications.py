"""FastAPI applications for tests that call routes without the middleware."""

from fastapi import APIRouter, FastAPI

from luxewin.kit.http import problems

_built: dict[tuple[str, tuple[int, ...]], FastAPI] = {}
"""Built applications, by prefix and routers; routers are never deleted, so their ids are unique."""


def app_of(*routers: APIRouter, prefix: str = "") -> FastAPI:
    """Return the application of these routers, cached: it is stateless, and takes a second to build."""
    key = (prefix, tuple(map(id, routers)))
    if key not in _built:
        app = FastAPI()
        problems.install(app)
        for router in routers:
            app.include_router(router, prefix=prefix)
        _built[key] = app
    return _built[key]
