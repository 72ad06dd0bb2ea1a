"""A response cache for tests that need none."""

from collections.abc import Mapping

from starlette.responses import Response

from luxewin.kit.http.middleware import Scope
from luxewin.kit.tenancy import Tenancy


class NoCache:
    """Never has a response."""

    def find(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        """Return None."""
        del tenant, headers, scope
        return None
