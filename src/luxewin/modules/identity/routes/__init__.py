"""Routes of accounts, sessions and keys. Registration and login are in `workflows/log_in`."""

from luxewin.modules.identity.routes import sessions, users
from luxewin.modules.identity.routes.keys import well_known
from luxewin.modules.identity.routes.router import router

__all__ = ["router", "sessions", "users", "well_known"]
