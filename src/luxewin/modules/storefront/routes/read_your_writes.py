"""Read-your-writes: a client that has changed the catalogue through this process sees the change in its next list."""

from luxewin.kit.http.policies import READ_METHODS
from luxewin.kit.http.types import FOUND, Asgi, Message, Receive, Scope, Send
from luxewin.modules.storefront.service.cache_versions import CacheVersions

_FIRST_ERROR = 400


class ReadYourWrites:
    """Wraps the application: a successful write to a route that invalidates the cache bumps the tenant's version.

    The version changes before the response is sent. A failed write does not change it, otherwise any client could
    prevent lists from being cached. Other processes are notified of the change milliseconds later.
    """

    def __init__(self, app: Asgi, versions: CacheVersions) -> None:
        self._app = app
        self._versions = versions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["method"] in READ_METHODS or not scope[FOUND][0].policy.invalidates_cache:
            await self._app(scope, receive, send)
            return

        async def send_after_bump(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < _FIRST_ERROR:
                self._versions.bump(scope["state"]["context"].tenant.id)
            await send(message)

        await self._app(scope, receive, send_after_bump)
