"""The framework's applications, as tests put them behind edges of their own."""

from fastapi import APIRouter, FastAPI

from luxewin.kit.http import problems

_built: dict[tuple[str, tuple[int, ...]], FastAPI] = {}
"""By what the routers stand under, and the routers, which modules hold for ever."""


def app_of(*routers: APIRouter, prefix: str = "") -> FastAPI:
    """Return the one application of these routes: it keeps nothing of a request, and takes a second to be built."""
    key = (prefix, tuple(map(id, routers)))
    if key not in _built:
        app = FastAPI()
        problems.install(app)
        for router in routers:
            app.include_router(router, prefix=prefix)
        _built[key] = app
    return _built[key]
